"""Every Prometheus metric of the service, a module per kind; labels are bounded."""

from harmo.app.metrics.service import Metrics

__all__ = ["Metrics"]
