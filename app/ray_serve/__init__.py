"""Scale-out: gateways and hosted models as Ray Serve deployments. Needs the extra `harmo[ray]`."""
