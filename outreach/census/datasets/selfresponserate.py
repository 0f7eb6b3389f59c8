"""Declare the final self-response and return rates of 2020, by mode.

Source: ``2020/dec/selfresponserate``, on 2020 tracts. Numbers and labels are those of its variables
``TSRR001_001`` to ``TSRR001_024``. NRFU is the nonresponse follow-up, UAA is mail that is
undeliverable as addressed, and CQA is response by phone.
"""

from outreach.dataset import Dataset, Unit, Variable

_RATES = (
    ("nrfu_start_2020_internet_share", "Internet self-response rate at the start of NRFU in 2020"),
    ("nrfu_start_2020_paper_share", "Paper self-response rate at the start of NRFU in 2020"),
    ("nrfu_start_2020_phone_share", "Phone self-response rate at the start of NRFU in 2020"),
    ("nrfu_start_2020_share", "Self-response rate at the start of NRFU in 2020"),
    ("final_2020_internet_share", "Final internet self-response rate in 2020"),
    ("final_2020_paper_share", "Final paper self-response rate in 2020"),
    ("final_2020_phone_share", "Final phone self-response rate in 2020"),
    ("final_2020_share", "Final self-response rate in 2020"),
    ("nrfu_start_return_2020_internet_share", "Internet return rate at the start of NRFU in 2020"),
    ("nrfu_start_return_2020_paper_share", "Paper return rate at the start of NRFU in 2020"),
    ("nrfu_start_return_2020_phone_share", "Phone return rate at the start of NRFU in 2020"),
    ("nrfu_start_return_2020_share", "Return rate at the start of NRFU in 2020"),
    ("final_return_2020_internet_share", "Final internet return rate in 2020"),
    ("final_return_2020_paper_share", "Final paper return rate in 2020"),
    ("final_return_2020_phone_share", "Final phone return rate in 2020"),
    ("final_return_2020_share", "Final return rate in 2020"),
    ("nrfu_start_undeliverable_2020_share", "UAA rate at the start of NRFU in 2020"),
    ("final_undeliverable_2020_share", "Final UAA rate in 2020"),
    ("nrfu_cut_2010_share", "Self-response rate at the NRFU cut date in 2010"),
    ("final_2010_share", "Final self-response rate in 2010"),
    ("nrfu_cut_return_2010_share", "Return rate at the NRFU cut date in 2010"),
    ("final_return_2010_share", "Final return rate in 2010"),
    ("nrfu_cut_undeliverable_2010_share", "UAA rate at the NRFU cut date in 2010"),
    ("final_undeliverable_2010_share", "Final UAA rate in 2010"),
)

DATASET = Dataset(
    name="selfresponserate",
    path="dec/selfresponserate",
    vintages=(2020,),
    tract_year={2020: 2020},
    variables=tuple(
        Variable(name, (f"TSRR001_{number:03d}",), Unit.SHARE, high=100, label=label)
        for number, (name, label) in enumerate(_RATES, start=1)
    ),
)
