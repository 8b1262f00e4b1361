"""Reports: made on another thread, drawn as a picture or written as a workbook, sent once."""
