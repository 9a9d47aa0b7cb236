"""The report of an evaluation: a folder that needs nothing else, no script, no style inside the page."""

from recommendations.evaluation.report.write import new_report_name, write_report

__all__ = ["new_report_name", "write_report"]
