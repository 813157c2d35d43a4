"""With what a role's process ends where starting it again cannot help (`sysexits.h`)."""

EXIT_CANNOT_RUN = 78
"""EX_CONFIG: it has said why. That ends the product at its first start only: later the other roles
go on while a person mends what is wrong."""
EXIT_DAMAGED = 65
"""EX_DATAERR: its data are damaged. A person recovers them while the others go on, and SIGHUP
starts the role anew."""
