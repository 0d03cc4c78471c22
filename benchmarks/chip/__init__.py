"""The gate on the chip driven through the whole pipeline, with an emulated chip: none ever ran."""
