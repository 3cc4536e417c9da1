"""Measures of Byline's own retrieval: its parts, its time, two indexes asked as one."""
