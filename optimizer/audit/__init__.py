"""The audit: recomputes a plan from its instance and tables, sharing no code with the solver.

It takes five things from a run at their word: which sites are open, the new IT MW, the shares
served and unserved, the upgrades ordered; with slices also the supply ordered and retired, where
campaigns run, and in each slice what is drawn, sold, made, stored, moved, cut and held ready.
All else in the tables follows from these and the instance, and is compared with what follows.
"""

from optimizer.audit.report import AuditReport, Family, Violation, audit_report_text
from optimizer.audit.review import audit_run

__all__ = ["AuditReport", "Family", "Violation", "audit_report_text", "audit_run"]
