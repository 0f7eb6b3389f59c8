"""Decide who may come in, what each may do, and write down what each did."""
