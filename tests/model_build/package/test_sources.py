from model_build.package import sources


def test_code_is_packed_also_when_the_checkout_lies_below_a_hidden_folder(tmp_path, monkeypatch):
    checkout = tmp_path / ".state" / "checkout"
    (checkout / "serving" / "__pycache__").mkdir(parents=True)
    (checkout / "serving" / "a.py").write_text("A = 1\n")
    (checkout / "serving" / "__pycache__" / "a.py").write_text("noise")
    monkeypatch.setattr(sources, "ROOT", checkout)

    assert list(sources.python_files("serving")) == ["serving/a.py"]
