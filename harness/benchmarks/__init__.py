"""Benchmarks: what the harness's own ways of computing gain over the usual ones, on this machine.

To compare two versions of torch, or of this project, save in one environment and compare in the other:

    pytest harness/benchmarks --benchmark-enable --benchmark-save=NAME
    pytest harness/benchmarks --benchmark-enable --benchmark-compare=0001

or save in both, and then

    pytest-benchmark --storage reports/benchmarks compare 0001 0002 --group-by=fullname --columns=min,median

Claims are saved and compared by the same options, without `--benchmark-enable`: `pytest claims/ -m fast
--benchmark-save=NAME`. Of what pytest-benchmark saved of them, `claims compare` compares verdicts and effects too.
"""
