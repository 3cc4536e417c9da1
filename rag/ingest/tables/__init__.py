"""Read tables and other files of records: one module for each container, one for what a record is.

`columns` knows the usual names of columns, `record` makes articles of records, `table` finds the
header of rows; `csv_file`, `json_file`, `parquet` and `sheet` open the files.
"""
