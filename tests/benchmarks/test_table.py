from benchmarks.table import heading, speeds, target


def test_each_system_stands_beside_eager_with_its_ratio():
    table = speeds({"eager": [10.0] * 20, "fast": [2.0] * 20}, {"fast": "0.99"}, "cosine")

    assert "| eager | 10.00 | 10.00 | 1.00x (1.00 to 1.00) | 20 |  |" in table
    assert "| fast | 2.00 | 2.00 | 5.00x (5.00 to 5.00) | 20 | 0.99 |" in table


def test_a_missed_target_says_so():
    assert target("eager over fast", 3.9, 4.0) == (
        "MISSED: eager over fast: 3.90 (target 4)",
        False,
    )
    assert target("eager over fast", 4.0, 4.0)[1]


def test_a_table_says_where_when_and_how_it_was_measured():
    text = heading("Spelling", "batch 1")

    assert text.startswith("## Spelling\n\n20")
    assert "cores" in text
    assert "batch 1" in text
