"""`harmo replay`: what another recipe would have paid."""
