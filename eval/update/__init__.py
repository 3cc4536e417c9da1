"""What a build costs when little or nothing has changed since the last one."""
