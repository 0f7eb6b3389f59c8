"""Tests of ads: measure one, pool several, reconcile what was delivered, keep the proof."""
