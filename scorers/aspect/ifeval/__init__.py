"""Verifiable instructions: IFEval, IFBench and the rules of MM-IFEval."""

from harmo.scorers.aspect.ifeval import ifbench, ifeval, mm_ifeval

__all__ = ["ifbench", "ifeval", "mm_ifeval"]
