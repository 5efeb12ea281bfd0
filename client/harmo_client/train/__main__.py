"""For launchers: `torchrun --nproc-per-node 2 -m harmo_client.train CONFIG.yaml`."""

import sys

from harmo_client.train.cli import main

sys.exit(main())
