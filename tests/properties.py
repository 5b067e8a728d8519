"""How hypothesis runs here: what it finds decides, never how long it took on a machine that was busy."""

from hypothesis import HealthCheck, settings

WITHOUT_A_CLOCK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
