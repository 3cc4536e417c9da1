"""Recognise the text of scanned pages and pictures (OCR), where the extra "ocr" is installed."""
