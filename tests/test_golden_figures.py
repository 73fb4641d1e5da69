"""Golden figures: twelve persons whose every figure was worked out by hand from the specification.

The rows lie in `tests/golden/`, a file for each table. `sent_in` says in which of a provider's
returns a row was sent; `returns.csv` says what those returns are. A one-digit link_key stands for
64 of that digit. Anybody with those files, `indicators.md` and `return-standard.md` can redo each
figure here with pencil and paper: the comment beside a figure says which rows make it up.

The months are December 2025 and January to March 2026, told as at 15 April 2026. Three providers
send something:

    AB01   AB01-A and AB01-B   Northampton (NOR), West Northamptonshire          tier 3
    BR02   BR02-A              Kettering and Corby (KEC), North Northamptonshire tier 2
    CA03   CA03-A              Northampton (NOR), West                           tier 2
           CA03-B              Daventry and South Northants (DSN), West          tier 1

CA03 sent nothing for December. The other active providers sent returns without rows for January to
March, and nothing before. What the returns try:

- AB01's February was sent twice: `feb-1` is superseded, with all that it holds (person zed,
  £9,999.99, an admission a day earlier, scores that would improve). BR02's second March (`mar-2`)
  follows version 2.0 of the standard and is rejected, so the first one stands.
- AB01's January contact k9 lies outside its month; AB01's person `bad` has no gender that exists,
  so his episode Z2 and contact k4 fall with him. None of them counts.

The persons, and which days their episodes are open (`indicators.md`, `return-standard.md`):

    Ann  AB01 ann, BR02 br-ann (link a; BR02 writes it in capitals). Both last sent in March, so
         AB01 says who she is. A1 10 Dec - 31 Mar, A2 5 Jan - 31 Mar. homeless (AB01), substance
         (BR02).
    Bob  AB01 bob (last sent in January), CA03 ca-bob (last sent in March, so CA03 says who he is).
         B1 1 Nov - 15 Jan, B2 10 Jan - 31 Mar. homeless, substance; `justice` was dropped in
         January.
    Cat  BR02 cat. C1 15 Oct - 20 Nov, C2 1 Feb - 31 Mar. In no group: March, her latest, has none.
    Dan  CA03 dan. D1 28 Dec - 31 Mar. homeless.
    Eve  AB01 eve (last sent in January), CA03 ca-eve (February). E1 1 Dec - 31 Jan: it stops being
         sent without an end. E2 3 Feb - 27 Feb. grt (AB01), sex_work (CA03).
    Fay  AB01 fay. F1 5 Dec - 28 Feb: it ended on 20 December, then February sends it open again; so
         it never ended, and is open in January too. modern_slavery.
    Gus  AB01 gus. G1 20 Jan - 31 Mar (its end of 10 February is superseded). justice.
    Hal  BR02 hal. H1 15 Dec - 9 Jan, told in December's return alone. homeless.
    Ivy  BR02 p9, no link. I1 1 Jan - 31 Mar. substance.
    Joe  CA03 p9, no link: the same pseudonym as Ivy's at another provider is another person.
         J1 1 Mar - 3 Apr. substance, migrant.
    Kim  CA03 kim-1 and kim-2 (link 1): one person, and kim-1, the lower, says who.
         K1 1 Feb - 31 Mar, K2 15 Feb - 31 Mar. sex_work (kim-1), homeless (kim-2).
    Lee  BR02 lee (linked since January, so linked in December too), AB01 lee (link 2). Both last
         sent in March: AB01 says who. L1 1 Dec - 15 Mar, L2 10 Mar - 31 Mar. homeless, migrant.

         gender  ethnic group    born  age in 2025 (Dec, Oct-Dec, year)  in 2026 (Jan ..., Jan-Mar)
    Ann  2       A    white      2008  17  0-17                          18  18-24
    Bob  1       C    white      1975  50  50-64                         51  50-64
    Cat  X       Z    unknown    -     unknown                           unknown
    Dan  1       M    black      1960  65  65+                           66  65+
    Eve  2       H    asian      1976  49  35-49                         50  50-64
    Fay  2       R    other      2001  24  18-24                         25  25-34
    Gus  1       99   unknown    1991  34  25-34                         35  35-49
    Hal  9       G    mixed      1961  64  50-64                         65  65+
    Ivy  2       A    white      2000  25  25-34                         26  25-34
    Joe  1       B    white      1990  35  35-49                         36  35-49
    Kim  1       S    other      2000  25  25-34                         26  25-34
    Lee  1       P    black      1985  40  35-49                         41  35-49

What is published is tried on the same figures, and on a crowd of 45 in May 2024, made below.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import date
from math import sqrt
from pathlib import Path

import duckdb
import pytest
from pandas import DataFrame
from scipy.stats import chi2

from benchmarks.computing import compare
from benchmarks.measure_values_bare import compute
from orchestration.facts import catalogue, standard
from orchestration.settings import PROJECT
from tests.warehouse import build_warehouse, lay_out_sources, run_dbt

GOLDEN = Path(__file__).parent / "golden"
AS_AT = date(2026, 4, 15)
# Active in January to March 2026, and with nothing to tell.
WITHOUT_ROWS = ("DE04", "ES05", "FI06", "GR07", "HA08", "IR09", "JU10", "LO12")
MANDATORY = ("people", "person_groups", "episodes", "contacts")

PERIODS = {
    "Dec": ("month", date(2025, 12, 1)),
    "Jan": ("month", date(2026, 1, 1)),
    "Feb": ("month", date(2026, 2, 1)),
    "Mar": ("month", date(2026, 3, 1)),
    "Oct-Dec": ("quarter", date(2025, 10, 1)),
    "Jan-Mar": ("quarter", date(2026, 1, 1)),
    "year": ("financial_year", date(2025, 4, 1)),
}

Tables = dict[str, list[dict[str, str]]]

# --- What every measure is, in the whole system ---------------------------------------------------
#
# Columns: Dec, Jan, Feb, Mar | Oct-Dec, Jan-Mar | the year. 0 means that the cell has no row.
# `1 Nov` or the like is before December: it lies in Oct-Dec and the year, and in no month here.

SYSTEM = {
    # Dec: AB01 k1 k2 k4 k5, BR02 k1 k2 (k3 was not attended).
    # Jan: AB01 k1 k2 (k1 is another contact than December's k1; k3 was cancelled; k9 is excluded),
    #      BR02 k1 k2 k3, CA03 k1 k2.
    # Feb: AB01 k1 k2 of the second submission, BR02 k1, CA03 k1 k2 k3 k4.
    # Mar: AB01 k1 k2 (k4 is excluded), BR02 k1 k2, CA03 k1 k3.
    "attended_contacts": (6, 7, 7, 6, 6, 20, 26),
    # Dec Ann Bob Fay Hal Lee; Jan Ann (AB01 and BR02) Eve Ivy Bob Dan; Feb Gus Fay Cat Kim (as
    # kim-1 and kim-2) Eve Bob; Mar Gus Lee (AB01 and BR02) Ivy Joe Bob. Jan-Mar: all but Hal.
    "people_supported": (5, 5, 6, 5, 5, 11, 12),
    # Dec Ann Bob Dan Eve Fay Hal Lee; Oct-Dec Cat too. Jan Ann Bob Dan Eve Fay Gus Hal Ivy Lee.
    # Feb Ann Bob Cat Dan Eve Fay Gus Ivy Kim Lee. Mar Ann Bob Cat Dan Gus Ivy Joe Kim Lee.
    "people_on_caseload": (7, 9, 10, 9, 8, 12, 12),
    # Dec A1 B1 D1 E1 F1 H1 L1; Oct-Dec C1 too. Jan A1 A2 B1 B2 D1 E1 F1 G1 H1 I1 L1.
    # Feb A1 A2 B2 C2 D1 E2 F1 G1 I1 K1 K2 L1. Mar A1 A2 B2 C2 D1 G1 I1 J1 K1 K2 L1 L2.
    # Jan-Mar all 18 but C1.
    "episodes_open": (7, 11, 12, 12, 8, 17, 18),
    # C1 20 Nov; B1 15 Jan, H1 9 Jan; E2 27 Feb; L1 15 Mar. J1 ends on 3 April: in no period here.
    "episodes_ended": (0, 2, 1, 1, 1, 4, 5),
    # Dec 1200.50 + 300.25 + 499.99; Jan 1000.10 + 250.05 + 150.95; Feb 800.30 + 600.01;
    # Mar 0.33 + 1000.00.
    "cost_gbp": (2000.74, 1401.10, 1400.31, 1000.33, 2000.74, 3801.74, 5802.48),
    # X10 10 Nov; Dec AB01 X1 X3 X4, BR02 X5 X6; Jan AB01 X9, BR02 X1, CA03 Y1 Y5;
    # Feb AB01 X2, CA03 Y3 Y4; Mar AB01 X8, BR02 X7.
    "admissions": (5, 4, 3, 2, 6, 9, 15),
    # X10 15 Nov; Dec AB01 X1 X3, BR02 X6; Jan AB01 X4 (discharged in January's row of it), BR02 X1,
    # CA03 Y1; Feb AB01 X2, CA03 Y3 Y4 Y5 (whose destination is missing: not died); Mar AB01 X8,
    # BR02 X7. Not X5, who died, nor X9, still in hospital.
    "discharges": (3, 3, 4, 2, 4, 9, 13),
    # AB01 X1 (Ann, 20 Dec): BR02 X1, another provider's admission of the same identifier, is an
    #     emergency on 19 Jan, day 30.
    # AB01 X3 (Bob, 10 Dec): X4 is elective; CA03 Y1 is an emergency on 3 Jan, day 24.
    # AB01 X4 (Bob, 3 Jan): CA03 Y1 on the same day, day 0.
    # BR02 X6 (Hal, 18 Dec): X5 is an emergency on 30 Dec, though he died of it.
    # CA03 Y3 (Kim as kim-1, 10 Feb): Y4 (kim-2) on the same day.
    # Not BR02 X1 (Ann, 25 Jan): AB01 X2 comes on 25 Feb, day 31 (24 Feb is superseded).
    # Not CA03 Y4 (10 Feb): Y3 began before it. Not BR02 X7 (Lee, 5 Mar): AB01 X8 of the next day is
    # elective.
    "readmissions_30d": (3, 1, 1, 0, 3, 2, 5),
    # Dec AB01 o1 o2; Jan AB01 o1; Feb AB01 o1, BR02 o1; Mar CA03 o2.
    "crisis_events": (2, 1, 2, 1, 2, 4, 6),
    # Dec AB01 h1 h2, BR02 h1; Jan AB01 h1, BR02 h1 h2; Feb CA03 h1 h2 h3; Mar BR02 h1.
    "handovers_made": (3, 3, 3, 1, 3, 7, 10),
    # Without those that are pending: Dec BR02 h1, Jan AB01 h1, Feb CA03 h3.
    "handovers_answered": (2, 2, 2, 1, 2, 5, 7),
    # Dec AB01 h1; Jan BR02 h1 h2; Feb CA03 h1.
    "handovers_accepted": (1, 2, 1, 0, 1, 3, 4),
    # Dec Ann (Bob's review was one agency's); Jan Ann at two providers; Feb Kim twice; Mar Bob Dan.
    "people_mdt_reviewed": (1, 1, 1, 2, 1, 4, 4),
    # Dec Bob Lee; Jan Ivy; Feb Ivy.
    "people_exercise": (2, 1, 1, 0, 2, 1, 3),
    # Dec AB01 k2 k5, BR02 k2; Jan AB01 k1, BR02 k2 k3; Feb AB01 k1, CA03 k2. Mar AB01's k3 was not
    # attended and k4 is excluded.
    "healthy_living_sessions": (3, 3, 2, 0, 3, 5, 8),
    # Baselines: A1 30 (AB01 s1, 10 Dec), A2 20 (BR02 s1, 15 Jan), L1 28 (BR02 s1, 5 Dec), I1 22
    # (BR02 s2, of two on 5 Jan), L2 10 (AB01 s2, 12 Mar).
    # Jan Ann: AB01 s1 25 and BR02 s1 20 on one day: BR02, the higher code, and that is a baseline.
    # Jan Ivy: s3 24, the higher identifier, against 22: followed up, worse.
    # Feb Ann: 30 against 30, no better. Feb Ivy: 23 against 22.
    # Mar Ann: BR02 s1 19 against 20: improved. Mar Lee: AB01 s2 is the latest, and a baseline (on
    # L1 he has improved, but that is not the latest).
    # Jan-Mar and year: Ann 19 against 20, Ivy 23 against 22; Lee as in March.
    "followed_up_pss10": (0, 1, 2, 1, 0, 2, 2),
    "improved_pss10": (0, 0, 0, 1, 0, 1, 1),
    # Jan Bob 24.9 against 25, which is not below 25. Feb Dan's baseline is 24.9: not followed up.
    # Mar Kim 31 against 31.
    "followed_up_bmi": (0, 1, 0, 1, 0, 2, 2),
    "improved_bmi": (0, 1, 0, 0, 0, 1, 1),
    # Jan Bob 95.0 against 100: exactly 95 per cent. Mar Kim 76.1 against 80 (95 per cent is 76);
    # Cat 63.27 against 66.6: exactly 95 per cent, which no binary fraction holds.
    "followed_up_weight": (0, 1, 0, 2, 0, 3, 3),
    "improved_weight": (0, 1, 0, 1, 0, 2, 2),
    # Dec Hal 10 on 29 Dec against 10. Jan Eve 15 against 20 on E1. Jan-Mar and year Eve: her latest
    # is 10 on E2 (10 Feb), which is a baseline. Gus's baseline is 0.
    "followed_up_smoking": (1, 1, 0, 0, 1, 0, 1),
    "improved_smoking": (0, 1, 0, 0, 0, 0, 0),
    # Dec Ann 14 against 28; Jan Ann 28 against 28; Mar Ivy 0 against 20. Jan-Mar and year: Ann 28,
    # Ivy 0.
    "followed_up_substance": (1, 1, 0, 1, 1, 2, 2),
    "improved_substance": (1, 0, 0, 1, 1, 1, 1),
    # X10 10 Nov; Jan BR02 X1, CA03 Y1; Feb CA03 Y3; Mar AB01 X8, BR02 X7.
    "mental_health_admissions": (0, 2, 1, 2, 1, 5, 6),
    # Jan Eve 16 against 15 on E1. Feb Bob 25 against 20 on B2. Mar Bob 19 against 20, Cat 10
    # against 10. Jan-Mar and year: Eve 16, Bob 19, Cat 10.
    "followed_up_rses": (0, 1, 1, 2, 0, 3, 3),
    "improved_rses": (0, 1, 1, 0, 0, 1, 1),
    # Feb Fay 9 against 8 (over the gap in F1). Mar Lee 11 against 12 on L1; Joe s5 12 against s4 10
    # of the same day. Jan-Mar and year: all three.
    "followed_up_brcs": (0, 0, 1, 2, 0, 3, 3),
    "improved_brcs": (0, 0, 1, 1, 0, 2, 2),
    # Dec Ann; Jan Ann; Feb Kim twice.
    "people_relationships": (1, 1, 1, 0, 1, 2, 2),
    # Jan Ann; Feb Fay.
    "people_support_networks": (0, 1, 1, 0, 0, 2, 2),
    # Mar Gus Ivy.
    "people_supporting_others": (0, 0, 0, 2, 0, 2, 2),
    # R7 Cat 20 Oct - 5 Nov; R2 Bob 1 Dec - 5 Jan; R1 Dan 28 Dec - 6 Feb; R4 Gus 1 - 28 Feb (sent in
    # February alone); R5 Kim 1 - 4 Feb; R6 Kim 10 - 20 Mar; R3 Ivy 10 Feb - 31 Mar; R8 Lee 1 - 15
    # Mar.
    "people_sleeping_rough": (2, 2, 4, 3, 3, 6, 7),
    # Oct-Dec Cat: S7 on 5 Nov. Jan Bob: CA03 S2 on 5 Jan, the last day of AB01 R2. Feb Dan: CA03
    # S1. Jan-Mar and year: Kim too, CA03 S5 on 5 Mar after R5; not in March alone, which R6 alone
    # touches, and R6 begins after it. Never Ivy, housed on 3 Jan before sleeping rough; nor Gus,
    # whose hostel is not supported; nor Lee, whose S9 is no temporary accommodation.
    "rough_sleepers_housed_temporarily": (0, 1, 1, 0, 1, 3, 4),
    # Dec Eve AB01 S3, Hal BR02 S8, Joe CA03 S8 (told in March); Feb Eve CA03 S6; Mar Ann BR02 S10.
    # Joe's CA03 S7 is not supported.
    "people_permanently_housed": (3, 0, 1, 1, 3, 2, 4),
    # Dec AB01 X1 (S1 on day 3); Jan BR02 X1 (its destination); Feb CA03 Y3 Y4 (S4 on day 0); Mar
    # BR02 X7 (AB01 S6 on day 3), AB01 X8 (S6 on day 2). Not AB01 X3 (S2 on the day before), nor
    # AB01 X4 (CA03 S3 on day 4).
    "step_down_discharges": (1, 1, 2, 2, 1, 5, 6),
    # Jan Ivy; Feb Gus; Mar Joe.
    "people_training": (0, 1, 1, 1, 0, 3, 3),
    # Dec Eve; Jan Eve; Mar Lee at two providers.
    "people_interviewed": (1, 1, 0, 1, 1, 2, 2),
    # Jan Bob at two providers, Eve.
    "people_employed": (0, 2, 0, 0, 0, 2, 2),
    # Dec Eve; Jan Bob Eve; Mar Lee.
    "people_employed_or_interviewed": (1, 2, 0, 1, 1, 3, 3),
    # Dec Bob; Feb Kim (one of each); Mar Lee.
    "people_personal_budgets": (1, 0, 1, 1, 1, 2, 3),
    # Dec Hal; Jan Eve; Mar Lee Dan.
    "people_choosing": (1, 1, 0, 2, 1, 3, 4),
}

# --- January to March by provider, place and local authority --------------------------------------
#
# Columns: AB01, BR02, CA03 | NOR, DSN | West. BR02 alone is in Kettering and Corby, and alone in
# the North, so its column is theirs too. NOR is AB01 and CA03-A, DSN is CA03-B, West is NOR and
# DSN. The units are those above; what is said here is where they lie.

AREAS = {
    # CA03: A Jan k1 k2, Feb k1 k4, Mar k3; B Feb k2 k3, Mar k1.
    "attended_contacts": (6, 6, 8, 11, 3, 14),
    # AB01 Ann Eve Gus Fay Lee; BR02 Ann Ivy Cat Lee; CA03-A Bob Dan Kim, CA03-B Kim Eve Joe.
    "people_supported": (5, 4, 5, 8, 3, 9),
    # AB01 Ann Bob Eve Fay Gus Lee; BR02 Ann Cat Hal Ivy Lee; CA03-A Bob Dan Kim, CA03-B Eve Joe
    # Kim.
    "people_on_caseload": (6, 5, 5, 8, 3, 9),
    # AB01 A1 B1 E1 F1 G1 L2; BR02 A2 C2 H1 I1 L1; CA03-A B2 D1 K1, CA03-B E2 J1 K2.
    "episodes_open": (6, 5, 6, 9, 3, 12),
    # B1; H1 L1; E2 of CA03-B.
    "episodes_ended": (1, 2, 1, 1, 1, 2),
    # AB01 1000.10 + 800.30; BR02 600.01; CA03-A 250.05 + 1000.00, CA03-B 150.95 + 0.33.
    "cost_gbp": (1800.40, 600.01, 1401.33, 3050.45, 151.28, 3201.73),
    # X9 X2 X8; X1 X7; Y1 Y5 Y3 of CA03-A, Y4 of CA03-B.
    "admissions": (3, 2, 4, 6, 1, 7),
    # X4 X2 X8; X1 X7; Y1 Y5 Y3 of CA03-A, Y4 of CA03-B.
    "discharges": (3, 2, 4, 6, 1, 7),
    # At the service of the discharge: AB01 X4 (though CA03 Y1 follows), CA03-A Y3 (though Y4 of
    # CA03-B follows).
    "readmissions_30d": (1, 0, 1, 2, 0, 2),
    "crisis_events": (2, 1, 1, 3, 0, 3),
    # AB01 Jan h1; BR02 Jan h1 h2, Mar h1; CA03-A h1 h2, CA03-B h3.
    "handovers_made": (1, 3, 3, 3, 1, 4),
    "handovers_answered": (0, 3, 2, 2, 0, 2),
    "handovers_accepted": (0, 2, 1, 1, 0, 1),
    # AB01 Ann; BR02 Ann; CA03-A Kim Bob Dan, CA03-B Kim.
    "people_mdt_reviewed": (1, 1, 3, 4, 1, 4),
    "people_exercise": (0, 1, 0, 0, 0, 0),
    "healthy_living_sessions": (2, 2, 1, 2, 1, 3),
    # At the service of the latest assessment alone: Ann and Ivy at BR02, so Ann not at AB01.
    "followed_up_pss10": (0, 2, 0, 0, 0, 0),
    "improved_pss10": (0, 1, 0, 0, 0, 0),
    # Bob on B1; Kim on K1 of CA03-A.
    "followed_up_bmi": (1, 0, 1, 2, 0, 2),
    "improved_bmi": (1, 0, 0, 1, 0, 1),
    # Bob on B1; Cat; Kim on K1 of CA03-A.
    "followed_up_weight": (1, 1, 1, 2, 0, 2),
    "improved_weight": (1, 1, 0, 1, 0, 1),
    "followed_up_smoking": (0, 0, 0, 0, 0, 0),
    "improved_smoking": (0, 0, 0, 0, 0, 0),
    # Ann on A1; Ivy.
    "followed_up_substance": (1, 1, 0, 1, 0, 1),
    "improved_substance": (0, 1, 0, 0, 0, 0),
    # X8; X1 X7; Y1 Y3 of CA03-A.
    "mental_health_admissions": (1, 2, 2, 3, 0, 3),
    # Eve on E1; Cat; Bob on B2 of CA03-A.
    "followed_up_rses": (1, 1, 1, 2, 0, 2),
    "improved_rses": (1, 0, 0, 1, 0, 1),
    # Fay; Lee on L1; Joe of CA03-B.
    "followed_up_brcs": (1, 1, 1, 1, 1, 2),
    "improved_brcs": (1, 0, 1, 1, 1, 2),
    # Ann at BR02 (AB01's was in December); Kim on K1 of CA03-A and K2 of CA03-B.
    "people_relationships": (0, 1, 1, 1, 1, 1),
    # Fay; Ann at BR02.
    "people_support_networks": (1, 1, 0, 1, 0, 1),
    "people_supporting_others": (1, 1, 0, 1, 0, 1),
    # Bob Gus; Ivy Lee; Dan Kim of CA03-A.
    "people_sleeping_rough": (2, 2, 2, 4, 0, 4),
    # At the service of the rough sleeping: Bob at AB01, though CA03's shelter houses him; Dan Kim.
    "rough_sleepers_housed_temporarily": (1, 0, 2, 3, 0, 3),
    # Ann at BR02; Eve at CA03-B.
    "people_permanently_housed": (0, 1, 1, 0, 1, 1),
    # At the service of the discharge: X8; X1 X7 (though AB01 S6 houses Lee); Y3 of CA03-A, Y4 of
    # CA03-B.
    "step_down_discharges": (1, 2, 2, 2, 1, 3),
    # Gus; Ivy; Joe of CA03-B.
    "people_training": (1, 1, 1, 1, 1, 2),
    # Eve Lee; Lee.
    "people_interviewed": (2, 1, 0, 2, 0, 2),
    # Bob Eve; Bob at CA03-A.
    "people_employed": (2, 0, 1, 2, 0, 2),
    # Bob Eve Lee; Lee; Bob at CA03-A.
    "people_employed_or_interviewed": (3, 1, 1, 3, 0, 3),
    # Lee at BR02; Kim on K1 of CA03-A and K2 of CA03-B.
    "people_personal_budgets": (0, 1, 1, 1, 1, 1),
    # Eve Lee; Dan of CA03-A.
    "people_choosing": (2, 0, 1, 3, 0, 3),
}

# CA03 sent nothing for December, and yet its later returns tell of it: D1 is open and R1 lasts
# since the 28th at CA03-A; Joe's pitch (S8) begins on the 20th at CA03-B.
CA03_IN_DECEMBER = {
    "people_on_caseload": 1,
    "episodes_open": 1,
    "people_sleeping_rough": 1,
    "people_permanently_housed": 1,
}

# --- Breakdowns: measure, period, area, and every part that has units -----------------------------
#
# The persons of each cell stand above; their groups, gender, age and ethnic group in the docstring.
# Groups have no dates: Lee is a migrant in December, though AB01 says so first in March.

SYSTEM_AREA = ("system", "QPM")
Breakdown = dict[str, dict[str, float]]
BREAKDOWNS: list[tuple[str, str, tuple[str, str], Breakdown]] = [
    (
        # Ann Bob Dan Eve Fay Hal Lee.
        "people_on_caseload", "Dec", SYSTEM_AREA,
        {
            "inclusion_group": {
                "homeless": 5,  # Ann Bob Dan Hal Lee
                "substance": 2,  # Ann Bob
                "grt": 1, "sex_work": 1,  # Eve is in both
                "modern_slavery": 1, "migrant": 1,
            },
            "gender": {"1": 3, "2": 3, "9": 1},
            "age_band": {"0-17": 1, "18-24": 1, "35-49": 2, "50-64": 2, "65+": 1},
            "ethnic_group": {"white": 2, "mixed": 1, "asian": 1, "black": 2, "other": 1},
            # 3: Ann Bob Eve Fay. 2: Hal Lee at BR02, Dan at CA03-A.
            "tier": {"3": 4, "2": 3},
        },
    ),
    (
        # All twelve.
        "people_on_caseload", "Jan-Mar", SYSTEM_AREA,
        {
            "inclusion_group": {
                "homeless": 6,  # Ann Bob Dan Hal Kim Lee
                "substance": 4,  # Ann Bob Ivy Joe
                "sex_work": 2,  # Eve Kim
                "migrant": 2,  # Joe Lee
                "grt": 1, "modern_slavery": 1, "justice": 1,
            },
            "gender": {"1": 6, "2": 4, "9": 1, "X": 1},
            "age_band": {
                "18-24": 1,  # Ann
                "25-34": 3,  # Fay Ivy Kim
                "35-49": 3,  # Gus Joe Lee
                "50-64": 2,  # Bob Eve
                "65+": 2,  # Dan Hal
                "unknown": 1,  # Cat
            },
            "ethnic_group": {
                "white": 4, "mixed": 1, "asian": 1, "black": 2, "other": 2, "unknown": 2,
            },
            # 3: Ann Bob Eve Fay Gus Lee. 2: BR02's Ann Cat Hal Ivy Lee, CA03-A's Bob Dan Kim.
            # 1: Eve Joe Kim.
            "tier": {"3": 6, "2": 8, "1": 3},
        },
    ),
    (
        # All twelve, as old as in 2025: the year begins on 1 April 2025.
        "people_on_caseload", "year", SYSTEM_AREA,
        {
            "inclusion_group": {
                "homeless": 6, "substance": 4, "sex_work": 2, "migrant": 2, "grt": 1,
                "modern_slavery": 1, "justice": 1,
            },
            "gender": {"1": 6, "2": 4, "9": 1, "X": 1},
            "age_band": {
                "0-17": 1,  # Ann
                "18-24": 1,  # Fay
                "25-34": 3,  # Gus Ivy Kim
                "35-49": 3,  # Eve Joe Lee
                "50-64": 2,  # Bob Hal
                "65+": 1,  # Dan
                "unknown": 1,  # Cat
            },
            "ethnic_group": {
                "white": 4, "mixed": 1, "asian": 1, "black": 2, "other": 2, "unknown": 2,
            },
            "tier": {"3": 6, "2": 8, "1": 3},
        },
    ),
    (
        # Bob Dan Kim of CA03-A, Eve Joe Kim of CA03-B. What other providers say of them counts
        # here: AB01 alone says that Bob is homeless and that Eve is grt.
        "people_on_caseload", "Jan-Mar", ("provider", "CA03"),
        {
            "inclusion_group": {
                "homeless": 3,  # Bob Dan Kim
                "substance": 2,  # Bob Joe
                "sex_work": 2,  # Eve Kim
                "grt": 1, "migrant": 1,
            },
            "gender": {"1": 4, "2": 1},
            "age_band": {"25-34": 1, "35-49": 1, "50-64": 2, "65+": 1},
            "ethnic_group": {"white": 2, "asian": 1, "black": 1, "other": 1},
            "tier": {"2": 3, "1": 3},
        },
    ),
    (
        # Contacts of Ann 2, Bob 3, Cat 1, Dan 1, Eve 2, Fay 1, Gus 2, Ivy 3, Joe 1, Kim 2, Lee 2.
        "attended_contacts", "Jan-Mar", SYSTEM_AREA,
        {
            "inclusion_group": {
                "homeless": 10,  # Ann 2, Bob 3, Dan 1, Kim 2, Lee 2
                "substance": 9,  # Ann 2, Bob 3, Ivy 3, Joe 1
                "sex_work": 4,  # Eve 2, Kim 2
                "migrant": 3,  # Joe 1, Lee 2
                "grt": 2, "justice": 2, "modern_slavery": 1,
            },
            "gender": {
                "1": 11,  # Bob 3, Dan 1, Gus 2, Joe 1, Kim 2, Lee 2
                "2": 8,  # Ann 2, Eve 2, Fay 1, Ivy 3
                "X": 1,
            },
            "age_band": {
                "18-24": 2,  # Ann 2
                "25-34": 6,  # Fay 1, Ivy 3, Kim 2
                "35-49": 5,  # Gus 2, Joe 1, Lee 2
                "50-64": 5,  # Bob 3, Eve 2
                "65+": 1, "unknown": 1,
            },
            "ethnic_group": {
                "white": 9,  # Ann 2, Bob 3, Ivy 3, Joe 1
                "asian": 2,
                "black": 3,  # Dan 1, Lee 2
                "other": 3,  # Fay 1, Kim 2
                "unknown": 3,  # Cat 1, Gus 2
            },
            # 3: AB01's 6. 2: BR02's 6 and CA03-A's 5. 1: CA03-B's 3.
            "tier": {"3": 6, "2": 11, "1": 3},
        },
    ),
    (
        # CA03-B in March: Joe's k1.
        "attended_contacts", "Mar", ("place", "DSN"),
        {
            "inclusion_group": {"substance": 1, "migrant": 1},
            "gender": {"1": 1},
            "age_band": {"35-49": 1},
            "ethnic_group": {"white": 1},
            "tier": {"1": 1},
        },
    ),
    (
        # Episodes of Ann 2, Bob 2, Cat 1, Dan 1, Eve 2, Fay 1, Gus 1, Hal 1, Ivy 1, Joe 1, Kim 2,
        # Lee 2.
        "episodes_open", "Jan-Mar", SYSTEM_AREA,
        {
            "inclusion_group": {
                "homeless": 10,  # Ann 2, Bob 2, Dan 1, Hal 1, Kim 2, Lee 2
                "substance": 6,  # Ann 2, Bob 2, Ivy 1, Joe 1
                "sex_work": 4,  # Eve 2, Kim 2
                "migrant": 3,  # Joe 1, Lee 2
                "grt": 2, "justice": 1, "modern_slavery": 1,
            },
            "gender": {"1": 9, "2": 6, "9": 1, "X": 1},
            "age_band": {
                "18-24": 2,  # Ann 2
                "25-34": 4,  # Fay 1, Ivy 1, Kim 2
                "35-49": 4,  # Gus 1, Joe 1, Lee 2
                "50-64": 4,  # Bob 2, Eve 2
                "65+": 2,  # Dan 1, Hal 1
                "unknown": 1,
            },
            "ethnic_group": {
                "white": 6, "mixed": 1, "asian": 2, "black": 3, "other": 3, "unknown": 2,
            },
            # 3: AB01's 6. 2: BR02's 5 and CA03-A's 3. 1: CA03-B's 3.
            "tier": {"3": 6, "2": 8, "1": 3},
        },
    ),
    (
        # X1 Ann, X3 X4 Bob, X5 X6 Hal.
        "admissions", "Dec", SYSTEM_AREA,
        {
            "inclusion_group": {"homeless": 5, "substance": 3},
            "gender": {"1": 2, "2": 1, "9": 2},
            "age_band": {"0-17": 1, "50-64": 4},
            "ethnic_group": {"white": 3, "mixed": 2},
            "tier": {"3": 3, "2": 2},
        },
    ),
    (
        # Discharges of Ann 3, Bob 3, Cat 1, Dan 1, Hal 1, Kim 2, Lee 2, as old as in 2025.
        "discharges", "year", SYSTEM_AREA,
        {
            "inclusion_group": {"homeless": 12, "substance": 6, "sex_work": 2, "migrant": 2},
            "gender": {"1": 8, "2": 3, "9": 1, "X": 1},
            "age_band": {
                "0-17": 3, "25-34": 2, "35-49": 2, "50-64": 4, "65+": 1, "unknown": 1,
            },
            "ethnic_group": {"white": 6, "mixed": 1, "black": 3, "other": 2, "unknown": 1},
            # 3: AB01 X1 X2 X3 X4 X8. 2: BR02 X1 X6 X7 X10, CA03-A Y1 Y3 Y5. 1: CA03-B Y4.
            "tier": {"3": 5, "2": 7, "1": 1},
        },
    ),
    (
        # X1 Ann, X3 X4 Bob, X6 Hal, Y3 Kim.
        "readmissions_30d", "year", SYSTEM_AREA,
        {
            "inclusion_group": {"homeless": 5, "substance": 3, "sex_work": 1},
            "gender": {"1": 3, "2": 1, "9": 1},
            "age_band": {"0-17": 1, "25-34": 1, "50-64": 3},
            "ethnic_group": {"white": 3, "mixed": 1, "other": 1},
            "tier": {"3": 3, "2": 2},
        },
    ),
    (
        # Ann Ivy, both at BR02.
        "followed_up_pss10", "Jan-Mar", SYSTEM_AREA,
        {
            "inclusion_group": {"homeless": 1, "substance": 2},
            "gender": {"2": 2},
            "age_band": {"18-24": 1, "25-34": 1},
            "ethnic_group": {"white": 2},
            "tier": {"2": 2},
        },
    ),
    (
        # Bob Dan Gus Ivy Kim Lee.
        "people_sleeping_rough", "Jan-Mar", SYSTEM_AREA,
        {
            "inclusion_group": {
                "homeless": 4, "substance": 2, "justice": 1, "sex_work": 1, "migrant": 1,
            },
            "gender": {"1": 5, "2": 1},
            "age_band": {"25-34": 2, "35-49": 2, "50-64": 1, "65+": 1},
            "ethnic_group": {"white": 2, "black": 2, "other": 1, "unknown": 1},
            # 3: Bob Gus. 2: Dan Ivy Kim Lee.
            "tier": {"3": 2, "2": 4},
        },
    ),
    (
        # Eve (49 in 2025) Lee. Lee's interviews are at AB01 and BR02.
        "people_interviewed", "year", SYSTEM_AREA,
        {
            "inclusion_group": {"homeless": 1, "migrant": 1, "grt": 1, "sex_work": 1},
            "gender": {"1": 1, "2": 1},
            "age_band": {"35-49": 2},
            "ethnic_group": {"asian": 1, "black": 1},
            "tier": {"3": 2, "2": 1},
        },
    ),
    (
        # Pounds are nobody's: by tier alone. 3: 1200.50 + 300.25 + 1000.10 + 800.30.
        # 2: 499.99 + 600.01 + 250.05 + 1000.00. 1: 150.95 + 0.33.
        "cost_gbp", "year", SYSTEM_AREA,
        {"tier": {"3": 3301.15, "2": 2350.05, "1": 151.28}},
    ),
]  # fmt: skip

# --- Every indicator in the system and the year ---------------------------------------------------
#
# numerator, denominator, value, lower and upper limit, to three decimals. The numerators and
# denominators are the last column of SYSTEM. With O the numerator, n the denominator, z = 1.959964:
#
# count, rate, O at least 10 (Byar):  lower O (1 - 1/(9 O) - z/(3 √O))³
#                                     upper (O+1) (1 - 1/(9 (O+1)) + z/(3 √(O+1)))³
# count, rate, O below 10 (exact):    lower χ²(0.025; 2 O)/2, upper χ²(0.975; 2 O + 2)/2
#     from a table of χ²: 6 has 2.202 and 13.059; 8 has 3.454 and 15.763.
# proportion (Wilson):                (2 O + z² ± z √(z² + 4 O (1 - O/n))) / (2 (n + z²))
# A rate's limits are 100/n times those of its numerator; a proportion's 100 times the share's.
# For instance admission_rate: O = 15; 1/(9·15) = 0.007407, z/(3 √15) = 0.168687: lower limit
#     15 · 0.823906³ = 8.389; 1/(9·16) = 0.006944, z/(3 √16) = 0.163330: upper limit
#     16 · 1.156386³ = 24.742; both times 100/12: 69.911 and 206.180.
# For instance throughput: 2·5 + 3.841459 = 13.841459; √(3.841459 + 20 · 13/18) = 4.276202, times z
#     8.381202; 2 (18 + 3.841459) = 43.682918: 5.460257/43.682918 and 22.222661/43.682918.

INDICATORS: dict[str, tuple[float, float | None, float, float | None, float | None]] = {
    "contacts_attended": (26, None, 26, 16.980, 38.098),
    "people_supported": (12, None, 12, 6.194, 20.963),
    "unit_cost": (5802.48, 26, 223.172, None, None),
    "throughput": (5, 18, 27.778, 12.500, 50.873),
    "admission_rate": (15, 12, 125.0, 69.911, 206.180),
    "readmission_30d": (5, 13, 38.462, 17.710, 64.477),
    "crisis_rate": (6, 12, 50.0, 18.349, 108.829),
    "handovers_made": (10, None, 10, 4.787, 18.391),
    "handover_acceptance": (4, 7, 57.143, 25.046, 84.178),
    "mdt_coverage": (4, 12, 33.333, 13.812, 60.938),
    "exercise_uptake": (3, 12, 25.0, 8.894, 53.231),
    "healthy_living_sessions": (8, None, 8, 3.454, 15.763),
    "stress_reduction": (1, 2, 50.0, 9.453, 90.547),
    "bmi_reduction": (1, 2, 50.0, 9.453, 90.547),
    "weight_reduction": (2, 3, 66.667, 20.766, 93.851),
    "smoking_reduction": (0, 1, 0.0, 0.0, 79.345),
    "substance_reduction": (1, 2, 50.0, 9.453, 90.547),
    "mh_admission_rate": (6, 12, 50.0, 18.349, 108.829),
    "self_esteem_gain": (1, 3, 33.333, 6.149, 79.234),
    "coping_gain": (2, 3, 66.667, 20.766, 93.851),
    "relationships_improved": (2, 12, 16.667, 4.697, 44.803),
    "support_network_use": (2, 12, 16.667, 4.697, 44.803),
    "peer_support_given": (2, 12, 16.667, 4.697, 44.803),
    "rough_sleeping_to_temporary": (4, 7, 57.143, 25.046, 84.178),
    "permanent_housing": (4, 12, 33.333, 13.812, 60.938),
    "step_down_after_discharge": (6, 13, 46.154, 23.206, 70.856),
    "training_uptake": (3, 12, 25.0, 8.894, 53.231),
    "job_interviews": (2, 12, 16.667, 4.697, 44.803),
    "paid_employment": (2, 12, 16.667, 4.697, 44.803),
    "employment_or_interview": (3, 12, 25.0, 8.894, 53.231),
    "personal_budget_use": (3, 12, 25.0, 8.894, 53.231),
    "choice_exercised": (4, 12, 33.333, 13.812, 60.938),
}

# --- What is published ----------------------------------------------------------------------------
#
# status, numerator, denominator, value, lower and upper limit. Counts: 0 stays, 1 to 4 are
# suppressed, others go to the nearest 5 (7 to 5, 8 to 10); pounds to the nearest 100; the least
# denominator is 20 when rounded. Intervals from the protected counts, by the formulas above.

Published = tuple[str, int | None, int | None, float | None, float | None, float | None]

# A crowd of 25 at GR07 (GR07-A, KEC, tier 1) in May 2024: n1 to n25, each with an episode of the
# whole month that ends on its last day. Whatever happened to some happened to the first of them.
GR07_IN_MAY_2024: dict[str, Published] = {
    # 22 contacts, one each of n1 to n22.
    "contacts_attended": ("shown", 20, None, 20, 12.211, 30.890),
    "people_supported": ("shown", 20, None, 20, 12.211, 30.890),
    # £1,049.99 is nearest to 1000, and 22 contacts to 20.
    "unit_cost": ("shown", 1000, 20, 50.0, None, None),
    # 25 of 25: nobody remains, which tells nothing of few.
    "throughput": ("shown", 25, 25, 100.0, 86.681, 100.0),
    # 4 admissions.
    "admission_rate": ("suppressed", None, 25, None, None, None),
    # No discharge.
    "readmission_30d": ("no_cases", None, 0, None, None, None),
    # 22 relapses, as 20, for 25 people, of whom they are no part: that 3 remain does not matter.
    # Byar's limits of 20, 12.2114 and 30.8899, times 100/25.
    "crisis_rate": ("shown", 20, 25, 80.0, 48.846, 123.560),
    # 18 hand-overs, all answered, 8 accepted.
    "handovers_made": ("shown", 20, None, 20, 12.211, 30.890),
    "handover_acceptance": ("shown", 10, 20, 50.0, 29.930, 70.070),
    # 17 as 15.
    "mdt_coverage": ("shown", 15, 25, 60.0, 40.739, 76.597),
    # 22 of 25 leave 3.
    "exercise_uptake": ("suppressed", None, 25, None, None, None),
    # 2 sessions.
    "healthy_living_sessions": ("suppressed", None, None, None, None, None),
    # 17 of 22, as 15 of 20, leave 5.
    "stress_reduction": ("shown", 15, 20, 75.0, 53.130, 88.814),
    # 19 of 19, as 20 of 20.
    "bmi_reduction": ("shown", 20, 20, 100.0, 83.887, 100.0),
    # 17 followed up, as 15: too few.
    "weight_reduction": ("low_base", None, 15, None, None, None),
    # 2 followed up: too few, and too few to say how many.
    "smoking_reduction": ("low_base", None, None, None, None, None),
    # Nobody followed up.
    "substance_reduction": ("no_cases", None, 0, None, None, None),
    # None of 25: 0 and 100/25 times 3.689.
    "mh_admission_rate": ("shown", 0, 25, 0.0, 0.0, 14.756),
    # 22 of 23 leave 1.
    "self_esteem_gain": ("suppressed", None, 25, None, None, None),
    # 12 of 24, as 10 of 25.
    "coping_gain": ("shown", 10, 25, 40.0, 23.403, 59.261),
    # 21 of 25 leave 4.
    "relationships_improved": ("suppressed", None, 25, None, None, None),
    "support_network_use": ("shown", 0, 25, 0.0, 0.0, 13.319),
    # 20 of 25 leave 5.
    "peer_support_given": ("shown", 20, 25, 80.0, 60.869, 91.139),
    # None of 21, as 20.
    "rough_sleeping_to_temporary": ("shown", 0, 20, 0.0, 0.0, 16.113),
    # 1 person.
    "permanent_housing": ("suppressed", None, 25, None, None, None),
    "step_down_after_discharge": ("no_cases", None, 0, None, None, None),
    # 8 as 10, 7 as 5, 3.
    "training_uptake": ("shown", 10, 25, 40.0, 23.403, 59.261),
    "job_interviews": ("shown", 5, 25, 20.0, 8.861, 39.131),
    "paid_employment": ("suppressed", None, 25, None, None, None),
    # The 3 are among the 7.
    "employment_or_interview": ("shown", 5, 25, 20.0, 8.861, 39.131),
    "personal_budget_use": ("shown", 5, 25, 20.0, 8.861, 39.131),
    # 4 people.
    "choice_exercised": ("suppressed", None, 25, None, None, None),
}

NOTHING = (None, None, None, None, None)
MAY = ("month", date(2024, 5, 1))
EVERYONE = ("all", "all")
Cell = tuple[str, tuple[str, date], tuple[str, str], tuple[str, str]]
# What else is published: indicator, period, area, breakdown.
PUBLISHED: dict[Cell, Published] = {
    # FI06 has 17 people in May 2024, 3 of them in training; HA08 has 3 people, each with a contact.
    ("training_uptake", MAY, ("provider", "FI06"), EVERYONE): ("low_base", None, 15, *NOTHING[2:]),
    ("people_supported", MAY, ("provider", "FI06"), EVERYONE): ("shown", 0, None, 0, 0, 3.689),
    ("training_uptake", MAY, ("provider", "HA08"), EVERYONE): ("low_base", *NOTHING),
    ("people_supported", MAY, ("provider", "HA08"), EVERYONE): ("suppressed", *NOTHING),
    # BR02, and the providers of ENW, sent nothing for May 2024: not even zeros are known.
    ("people_supported", MAY, ("provider", "BR02"), EVERYONE): ("not_submitted", *NOTHING),
    ("training_uptake", MAY, ("place", "ENW"), EVERYONE): ("not_submitted", *NOTHING),
    # KEC is GR07 alone; the system has 8 + 3 in training of 25 + 17 + 3.
    ("training_uptake", MAY, ("place", "KEC"), EVERYONE): ("shown", 10, 25, 40.0, 23.403, 59.261),
    ("training_uptake", MAY, SYSTEM_AREA, EVERYONE): ("shown", 10, 45, 22.222, 12.545, 36.269),
    # n1-n23 are women, n24 and n25 men; the first eight are in training.
    ("training_uptake", MAY, ("provider", "GR07"), ("gender", "2")): (
        "shown", 10, 25, 40.0, 23.403, 59.261,
    ),
    ("training_uptake", MAY, ("provider", "GR07"), ("gender", "1")): ("low_base", *NOTHING),
    # The twelve: £3,801.74 as 3800 over 20; £5,802.48 as 5800 over 26, as 25.
    ("unit_cost", PERIODS["Jan-Mar"], SYSTEM_AREA, EVERYONE): (
        "shown", 3800, 20, 190.0, None, None,
    ),
    ("unit_cost", PERIODS["year"], SYSTEM_AREA, EVERYONE): ("shown", 5800, 25, 232.0, None, None),
    # By the audit: 7 contacts are shown as 5, so at most 7; 5 of them were of white people (5 to
    # 7); one of an Asian and one of a black person remain, and could be nothing but 1 and 1.
    ("unit_cost", PERIODS["Jan"], SYSTEM_AREA, EVERYONE): ("low_base", None, None, *NOTHING[2:]),
    # By the audit: 7 hand-overs are at most 7, and 5 of them were tier 2's (5 to 7); one of tier 1
    # and one of tier 3 remain, likewise. 8 as 10; 3; none.
    ("handovers_made", PERIODS["Jan-Mar"], SYSTEM_AREA, EVERYONE): ("suppressed", *NOTHING),
    ("healthy_living_sessions", PERIODS["year"], SYSTEM_AREA, EVERYONE): (
        "shown", 10, None, 10, 4.787, 18.391,
    ),
    ("healthy_living_sessions", PERIODS["Dec"], SYSTEM_AREA, EVERYONE): ("suppressed", *NOTHING),
    ("healthy_living_sessions", PERIODS["Mar"], SYSTEM_AREA, EVERYONE): (
        "shown", 0, None, 0, 0, 3.689,
    ),
    # 9 admissions of 12 people; 2 people sleeping rough; nobody followed up.
    ("admission_rate", PERIODS["Jan-Mar"], SYSTEM_AREA, EVERYONE): (
        "low_base", None, 10, *NOTHING[2:],
    ),
    ("rough_sleeping_to_temporary", PERIODS["Dec"], SYSTEM_AREA, EVERYONE): ("low_base", *NOTHING),
    ("smoking_reduction", PERIODS["Jan-Mar"], SYSTEM_AREA, EVERYONE): (
        "no_cases", None, 0, *NOTHING[2:],
    ),
    # What CA03's later returns tell of December is not published: it sent no return for it.
    ("permanent_housing", PERIODS["Dec"], ("provider", "CA03"), EVERYONE): (
        "not_submitted", *NOTHING,
    ),
    ("permanent_housing", PERIODS["Dec"], ("provider", "CA03"), ("gender", "1")): (
        "not_submitted", *NOTHING,
    ),
    # ENW's providers sent returns without rows.
    ("people_supported", PERIODS["Jan-Mar"], ("place", "ENW"), EVERYONE): (
        "shown", 0, None, 0, 0, 3.689,
    ),
    ("training_uptake", PERIODS["Jan-Mar"], ("place", "ENW"), EVERYONE): (
        "no_cases", None, 0, *NOTHING[2:],
    ),
    # By the audit: the 6 contacts of AB01 are all of tier 3 and at most 7; hidden months and groups
    # add up to them.
    ("contacts_attended", PERIODS["Jan-Mar"], SYSTEM_AREA, ("tier", "3")): (
        "suppressed", *NOTHING,
    ),
}  # fmt: skip

# Returns expected and in effect. May 2024: all but IR09 and LO12, who began later; GR07 FI06 HA08
# came. January to March 2026: eleven providers (KI11 ended in September 2025) for three months.
RETURNS = {
    (MAY, SYSTEM_AREA): (10, 3),
    (MAY, ("local_authority", "E06000061")): (5, 1),  # BR02 DE04 ES05 GR07 KI11
    (MAY, ("local_authority", "E06000062")): (5, 2),  # AB01 CA03 FI06 HA08 JU10
    (MAY, ("place", "KEC")): (4, 1),  # BR02 ES05 GR07 KI11
    (MAY, ("place", "ENW")): (2, 0),  # DE04 ES05
    (MAY, ("provider", "GR07")): (1, 1),
    (PERIODS["Dec"], SYSTEM_AREA): (11, 2),
    (PERIODS["Dec"], ("place", "NOR")): (4, 1),  # AB01 CA03 FI06 JU10
    (PERIODS["Jan-Mar"], SYSTEM_AREA): (33, 33),
    (PERIODS["Jan-Mar"], ("provider", "CA03")): (3, 3),
}


# --- Laying out the returns -----------------------------------------------------------------------


def header(table: str) -> list[str]:
    """The columns of a table of the standard."""
    return [field.name for field in standard().tables[table].fields]


def write_return(returns: Path, manifest: dict[str, str], tables: Tables) -> None:
    """A folder of CSV files; a mandatory table without rows is its header."""
    name = f"{manifest['period']}-{manifest['submission_no']}"
    folder = returns / manifest["provider_code"] / name
    folder.mkdir(parents=True)
    sent: Tables = {table: [] for table in MANDATORY} | tables | {"return": [manifest]}
    for table, rows in sent.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header(table), restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)


def golden_rows(table: str) -> list[dict[str, str]]:
    """The rows of a file of `tests/golden/`."""
    with (GOLDEN / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_golden_returns(
    returns: Path, more: Tables | None = None, order: random.Random | None = None
) -> None:
    """What AB01, BR02 and CA03 sent, and the returns without rows of the others; with `more` rows,
    and every table's rows in another `order`, where these are given."""
    tables = {
        path.stem: golden_rows(path.stem) for path in GOLDEN.glob("*.csv") if path.stem != "returns"
    }
    for table, rows in (more or {}).items():
        tables[table] += rows
    if order:
        for rows in tables.values():
            order.shuffle(rows)
    for person in tables["people"]:
        person["link_key"] *= 64
    for sent in golden_rows("returns"):
        own = {
            table: [
                row
                for row in rows
                if row["provider_code"] == sent["provider_code"]
                and sent["name"] in row["sent_in"].split()
            ]
            for table, rows in tables.items()
        }
        write_return(returns, sent, own)
    for provider in WITHOUT_ROWS:
        for month in ("2026-01", "2026-02", "2026-03"):
            write_return(returns, manifest_of(provider, month), {})


def manifest_of(provider: str, month: str) -> dict[str, str]:
    """The manifest of a first submission."""
    return {
        "provider_code": provider,
        "period": month,
        "submission_no": "1",
        "standard_version": "1.0",
    }


def write_crowd(returns: Path) -> None:
    """May 2024: GR07's 25 people, FI06's 17 and HA08's 3."""
    write_return(returns, manifest_of("GR07", "2024-05"), people_of("GR07-A", 25) | gr07_events())
    trained = [row for number in range(1, 4) for row in outcome(number, "training_started")]
    write_return(
        returns, manifest_of("FI06", "2024-05"), people_of("FI06-A", 17) | {"outcomes": trained}
    )
    contacts = [contact(number) for number in range(1, 4)]
    write_return(
        returns, manifest_of("HA08", "2024-05"), people_of("HA08-A", 3) | {"contacts": contacts}
    )


def people_of(service: str, many: int) -> Tables:
    """Persons n1, n2 ..., each with an episode of the whole of May; from n24 on, men."""
    people, groups, episodes = [], [], []
    for number in range(1, many + 1):
        person = f"n{number}"
        gender = "2" if number < 24 else "1"
        people.append(
            {
                "person_id": person,
                "birth_year": "1990",
                "gender": gender,
                "ethnic_category": "A",
                "gp_registered": "Y",
            }
        )
        groups.append({"person_id": person, "inclusion_group": "homeless"})
        episodes.append(
            {
                "episode_id": person,
                "person_id": person,
                "service_code": service,
                "start_date": "2024-05-01",
                "end_date": "2024-05-31",
                "end_reason": "goals_met",
            }
        )
    return {"people": people, "person_groups": groups, "episodes": episodes}


def contact(number: int, purpose: str = "") -> dict[str, str]:
    """An attended contact of the person of that number."""
    return {
        "contact_id": f"k{number}",
        "episode_id": f"n{number}",
        "contact_date": "2024-05-02",
        "contact_type": "clinic",
        "attendance": "attended",
        "purpose": purpose,
    }


def outcome(number: int, *outcomes: str) -> list[dict[str, str]]:
    """Outcomes of the person of that number."""
    return [
        {
            "outcome_id": f"{kind}-{number}",
            "episode_id": f"n{number}",
            "outcome_date": "2024-05-03",
            "outcome": kind,
        }
        for kind in outcomes
    ]


def gr07_events() -> Tables:
    """What happened to GR07's people: how many of them stands beside each kind."""
    outcomes = {
        "training_started": 8,
        "interview": 7,
        "employment_started": 3,
        "exercise_started": 22,
        "relationship_new": 21,
        "supporting_others": 20,
        "personal_budget": 5,
        "chose_provider": 4,
        "relapse": 22,
    }
    # measure: how many were followed up, how many improved, first score, better score
    scores = {
        "pss10": (22, 17, "20", "10"),
        "bmi": (19, 19, "30", "29"),
        "weight_kg": (17, 17, "100", "90"),
        "cigarettes_per_day": (2, 2, "20", "10"),
        "rses": (23, 22, "10", "15"),
        "brcs": (24, 12, "10", "15"),
    }
    assessments = []
    for measure, (followed_up, improved, first, better) in scores.items():
        for number in range(1, followed_up + 1):
            last = better if number <= improved else first
            for day, score in (("02", first), ("20", last)):
                assessments.append(
                    {
                        "assessment_id": f"{measure}-{number}-{day}",
                        "episode_id": f"n{number}",
                        "assessment_date": f"2024-05-{day}",
                        "measure": measure,
                        "score": score,
                    }
                )
    stays = [
        {
            "stay_id": f"rough-{number}",
            "episode_id": f"n{number}",
            "accommodation": "rough_sleeping",
            "start_date": "2024-05-01",
            "supported": "N",
        }
        for number in range(1, 22)
    ]
    stays.append(
        {
            "stay_id": "home",
            "episode_id": "n25",
            "accommodation": "settled_social",
            "start_date": "2024-05-10",
            "supported": "Y",
        }
    )
    return {
        "contacts": [contact(n, "healthy_living" if n <= 2 else "housing") for n in range(1, 23)],
        "outcomes": [
            row for kind, many in outcomes.items() for n in range(1, many + 1)
            for row in outcome(n, kind)
        ],
        "assessments": assessments,
        "stays": stays,
        "handovers": [
            {
                "handover_id": f"h{n}",
                "episode_id": f"n{n}",
                "handover_date": "2024-05-04",
                "to_agency": "gp",
                "kind": "referral",
                "result": "accepted" if n <= 8 else "declined",
            }
            for n in range(1, 19)
        ],
        "case_reviews": [
            {
                "review_id": f"r{n}",
                "episode_id": f"n{n}",
                "review_date": "2024-05-05",
                "multidisciplinary": "Y",
            }
            for n in range(1, 18)
        ],
        "admissions": [
            {
                "admission_id": f"x{n}",
                "episode_id": f"n{n}",
                "admitted_date": "2024-05-06",
                "method": "elective",
                "reason": "physical",
            }
            for n in range(1, 5)
        ],
        "costs": [
            {
                "cost_id": "c1",
                "service_code": "GR07-A",
                "cost_type": "staff",
                "amount_gbp": "1049.99",
            }
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of the twelve and the crowd, read-only."""
    folder = tmp_path_factory.mktemp("golden")
    returns = folder / "returns"
    write_golden_returns(returns)
    write_crowd(returns)
    path = build_warehouse(returns, PROJECT / "seeds" / "registry", folder / "build", AS_AT)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def approximately(figures: dict[str, float]) -> object:
    """Exact for counts, to a millionth of a penny for pounds."""
    return pytest.approx(figures, rel=0, abs=1e-8)


def to_three_decimals(figures: tuple[float | None, ...]) -> list[object]:
    """Equal to figures that agree to three decimals, and are missing where these are."""
    return [
        figure if figure is None else pytest.approx(figure, rel=0, abs=0.0005) for figure in figures
    ]


def in_columns(columns: tuple[str, ...], figures: tuple[float, ...]) -> dict[str, float]:
    """The figures by column; a 0 stands for a cell that has no row."""
    return {column: figure for column, figure in zip(columns, figures, strict=True) if figure != 0}


# --- The tests ------------------------------------------------------------------------------------


def test_each_submission_stands_where_the_standard_puts_it(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute(
        "select provider_code, source_name, state, rows_excluded from marts.return_status "
        "where provider_code in ('AB01', 'BR02', 'CA03') and state <> 'missing'"
    ).fetchall()
    expected = {(code, f"{month}-1", "in_effect", 0) for code, month in (
        ("AB01", "2025-12"), ("BR02", "2025-12"), ("BR02", "2026-01"), ("BR02", "2026-02"),
        ("BR02", "2026-03"), ("CA03", "2026-01"), ("CA03", "2026-02"), ("CA03", "2026-03"),
    )} | {
        ("AB01", "2026-01-1", "in_effect", 1),  # contact k9
        ("AB01", "2026-02-1", "superseded", 0),
        ("AB01", "2026-02-2", "in_effect", 0),
        ("AB01", "2026-03-1", "in_effect", 3),  # person bad, episode Z2, contact k4
    }  # fmt: skip
    assert {row for row in found if row[2] != "rejected"} == expected
    assert [row[:3] for row in found if row[2] == "rejected"] == [("BR02", "2026-03-2", "rejected")]


def test_cells_are_computed_for_the_periods_with_a_return_and_no_others(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute(
        "select distinct period_type, period_start from marts.measure_values "
        "where period_start >= date '2025-01-01'"
    ).fetchall()
    assert set(found) == set(PERIODS.values())


def test_the_golden_figures_speak_of_every_measure_and_indicator() -> None:
    facts = catalogue()
    assert list(SYSTEM) == list(facts.measures)
    assert list(AREAS) == list(facts.measures)
    assert list(INDICATORS) == list(facts.indicators)
    assert list(GR07_IN_MAY_2024) == list(facts.indicators)


@pytest.mark.parametrize("measure", SYSTEM)
def test_a_measure_of_the_system_is_the_figure_worked_out_by_hand(
    warehouse: duckdb.DuckDBPyConnection, measure: str
) -> None:
    found = warehouse.execute(
        "select period_type, period_start, value from marts.measure_values where measure_id = ? "
        "and area_type = 'system' and breakdown_type = 'all' and period_start >= '2025-04-01'",
        [measure],
    ).fetchall()
    names = {period: name for name, period in PERIODS.items()}
    assert {names[kind, start]: value for kind, start, value in found} == approximately(
        in_columns(tuple(PERIODS), SYSTEM[measure])
    )


@pytest.mark.parametrize("measure", AREAS)
def test_a_measure_by_area_is_the_figure_worked_out_by_hand(
    warehouse: duckdb.DuckDBPyConnection, measure: str
) -> None:
    found = warehouse.execute(
        "select area_code, value from marts.measure_values where measure_id = ? "
        "and area_type <> 'system' and breakdown_type = 'all' "
        "and period_type = 'quarter' and period_start = '2026-01-01'",
        [measure],
    ).fetchall()
    of_br02 = AREAS[measure][1]
    expected = in_columns(
        ("AB01", "BR02", "CA03", "NOR", "DSN", "E06000062", "KEC", "E06000061"),
        (*AREAS[measure], of_br02, of_br02),
    )
    assert dict(found) == approximately(expected)


def test_a_later_return_tells_of_a_month_for_which_none_was_sent(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute(
        "select measure_id, value from marts.measure_values where area_code = 'CA03' "
        "and breakdown_type = 'all' and period_type = 'month' and period_start = '2025-12-01'"
    ).fetchall()
    assert dict(found) == CA03_IN_DECEMBER


@pytest.mark.parametrize(
    ("measure", "period", "area", "parts"),
    BREAKDOWNS,
    ids=[f"{measure} {period} {area[1]}" for measure, period, area, _ in BREAKDOWNS],
)
def test_a_breakdown_is_the_figures_worked_out_by_hand(
    warehouse: duckdb.DuckDBPyConnection,
    measure: str,
    period: str,
    area: tuple[str, str],
    parts: Breakdown,
) -> None:
    found = warehouse.execute(
        "select breakdown_type || ' ' || breakdown_value, value from marts.measure_values "
        "where measure_id = ? and period_type = ? and period_start = ? "
        "and area_type = ? and area_code = ? and breakdown_type <> 'all'",
        [measure, *PERIODS[period], *area],
    ).fetchall()
    expected = {f"{kind} {part}": n for kind, values in parts.items() for part, n in values.items()}
    assert dict(found) == approximately(expected)


@pytest.mark.parametrize("indicator", INDICATORS)
def test_an_indicator_of_the_year_is_the_figure_worked_out_by_hand(
    warehouse: duckdb.DuckDBPyConnection, indicator: str
) -> None:
    found = warehouse.execute(
        "select numerator, denominator, value, lower_ci, upper_ci from marts.indicator_values "
        "where indicator_id = ? and period_type = 'financial_year' "
        "and period_start = '2025-04-01' and area_type = 'system' and breakdown_type = 'all'",
        [indicator],
    ).fetchall()
    assert [list(row) for row in found] == [to_three_decimals(INDICATORS[indicator])]


def reference_interval(
    statistic: str, numerator: float, denominator: float | None, multiplier: int
) -> tuple[float, float] | None:
    """The interval by the formulas of `indicators.md`, with scipy's χ² for exact Poisson limits."""
    z, o = 1.959964, numerator
    if statistic == "proportion":
        n = denominator or 0
        root = z * sqrt(z * z + 4 * o * (1 - o / n))
        below = 2 * (n + z * z)
        middle = 2 * o + z * z
        return multiplier * (middle - root) / below, multiplier * (middle + root) / below
    if statistic == "ratio":
        return None
    if o < 10:
        lower = chi2.ppf(0.025, 2 * o) / 2 if o else 0.0
        upper = chi2.ppf(0.975, 2 * o + 2) / 2
    else:
        lower = o * (1 - 1 / (9 * o) - z / (3 * sqrt(o))) ** 3
        upper = (o + 1) * (1 - 1 / (9 * (o + 1)) + z / (3 * sqrt(o + 1))) ** 3
    per = multiplier / denominator if statistic == "rate" and denominator else 1
    return per * lower, per * upper


@pytest.mark.parametrize("table", ["indicator_values", "published_indicators"])
def test_every_interval_follows_from_its_numerator_and_denominator(
    warehouse: duckdb.DuckDBPyConnection, table: str
) -> None:
    found = warehouse.execute(
        "select distinct indicator_id, numerator, denominator, lower_ci, upper_ci "
        f"from marts.{table} where value is not null"
    ).fetchall()
    assert found
    for name, numerator, denominator, lower, upper in found:
        indicator = catalogue().indicators[name]
        if indicator.statistic == "proportion" and numerator > denominator:
            assert (lower, upper) == (None, None)
            continue
        interval = reference_interval(
            indicator.statistic, numerator, denominator, indicator.multiplier
        )
        if interval is None:
            assert (lower, upper) == (None, None)
        else:
            assert (lower, upper) == pytest.approx(interval, rel=1e-9, abs=1e-9), (name, numerator)


def test_the_bare_script_of_the_benchmark_says_the_same(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (path,) = warehouse.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()[0]
    built, bare = Path(path), tmp_path / "bare.duckdb"
    compute(built.with_name("lake"), PROJECT / "seeds" / "registry", bare, AS_AT)
    (cells,) = warehouse.execute("select count(*) from marts.measure_values").fetchall()[0]
    assert compare(built, bare) == cells


@pytest.fixture(scope="module")
def with_one_more(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The measures of the twelve and the crowd with every table's rows in another order, and with
    Mia, whom only BR02 knows: a woman in no group, with a contact on 10 February."""
    folder = tmp_path_factory.mktemp("one_more")
    returns, registry = folder / "returns", PROJECT / "seeds" / "registry"
    sent = {"provider_code": "BR02", "sent_in": "feb mar"}
    mia = {
        "people": [
            {**sent, "person_id": "mia", "link_key": "9", "birth_year": "1980", "gender": "2",
             "ethnic_category": "A", "gp_registered": "Y"},
        ],
        "episodes": [
            {**sent, "episode_id": "M1", "person_id": "mia", "service_code": "BR02-A",
             "referral_date": "", "start_date": "2026-02-10", "end_date": "", "end_reason": ""},
        ],
        "contacts": [
            {**sent, "sent_in": "feb", "contact_id": "m1", "episode_id": "M1",
             "contact_date": "2026-02-10", "contact_type": "clinic", "attendance": "attended",
             "purpose": "assessment", "bedded_down": "", "duration_minutes": "30"},
        ],
    }  # fmt: skip
    write_golden_returns(returns, mia, random.Random(1))
    write_crowd(returns)
    settings = lay_out_sources(returns, registry, folder / "build", AS_AT)
    no_tests = ("--exclude", "resource_type:test resource_type:unit_test")
    run_dbt(settings, "build", "--select", "+measure_values", *no_tests)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        yield connection


# Where Mia is: BR02 works in Kettering and Corby, in the north.
OF_MIA = ("BR02", "KEC", "E06000061", "QPM")


def test_one_person_more_changes_the_figures_of_her_areas_alone_and_the_order_of_rows_none(
    warehouse: duckdb.DuckDBPyConnection, with_one_more: duckdb.DuckDBPyConnection
) -> None:
    everything = "select * from marts.measure_values order by all"
    before, after = (c.execute(everything).df() for c in (warehouse, with_one_more))

    def elsewhere(rows: DataFrame) -> list[object]:
        return rows[~rows["area_code"].isin(OF_MIA)].to_numpy().tolist()

    assert elsewhere(after) == elsewhere(before)
    both = before.merge(
        after, how="outer", on=[c for c in before.columns if c != "value"], suffixes=("", "_after")
    ).fillna({"value": 0, "value_after": 0})
    changed = both[both["value"] != both["value_after"]]
    # One more contact, person, person on the caseload and open episode, and no fewer of anything.
    assert set(changed["area_code"]) == set(OF_MIA)
    assert set(changed["measure_id"]) == {
        "attended_contacts", "people_supported", "people_on_caseload", "episodes_open"
    }  # fmt: skip
    assert (changed["value_after"] - changed["value"]).tolist() == [1.0] * len(changed)


def test_nothing_to_divide_by_gives_no_value(warehouse: duckdb.DuckDBPyConnection) -> None:
    # DSN in December: Joe's pitch, and nobody on the caseload.
    found = warehouse.execute(
        "select numerator, denominator, value, lower_ci, upper_ci from marts.indicator_values "
        "where indicator_id = 'permanent_housing' and area_code = 'DSN' "
        "and period_type = 'month' and period_start = '2025-12-01' and breakdown_type = 'all'"
    ).fetchall()
    assert found == [(1, 0, None, None, None)]


def test_periods_are_provisional_while_a_return_or_a_follow_up_is_missing(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute(
        "select period_type, period_start, indicator_id = 'readmission_30d' as readmission, "
        "array_agg(distinct is_provisional) from marts.indicator_values "
        "where period_start >= '2025-04-01' group by all"
    ).fetchall()
    names = {period: name for name, period in PERIODS.items()}
    # Every return of January to March came; of October, November and April to September none did,
    # and of December two. Lee's discharges of 5 and 6 March are followed up until 4 and 5 April,
    # beyond the last day that BR02 and AB01 have told of. Months are never provisional otherwise.
    provisional = {"Oct-Dec", "year"}
    provisional_readmission = {"Oct-Dec", "year", "Jan-Mar", "Mar"}
    for kind, start, readmission, told in found:
        name = names[kind, start]
        expected = name in (provisional_readmission if readmission else provisional)
        assert told == [expected], (name, readmission)
    assert len(found) == 2 * len(PERIODS)


PUBLISHED_SQL = (
    "select status, numerator, denominator, value, lower_ci, upper_ci "
    "from marts.published_indicators where indicator_id = ? and period_type = ? "
    "and period_start = ? and area_type = ? and area_code = ? "
    "and breakdown_type = ? and breakdown_value = ?"
)


def assert_published(connection: duckdb.DuckDBPyConnection, cell: Cell, told: Published) -> None:
    """The cell has one row, and it is this one."""
    indicator, period, area, breakdown = cell
    found = connection.execute(PUBLISHED_SQL, [indicator, *period, *area, *breakdown]).fetchall()
    assert [list(row) for row in found] == [[*told[:3], *to_three_decimals(told[3:])]]


@pytest.mark.parametrize("indicator", GR07_IN_MAY_2024)
def test_a_published_figure_of_a_crowd_is_worked_out_from_protected_counts(
    warehouse: duckdb.DuckDBPyConnection, indicator: str
) -> None:
    cell = (indicator, MAY, ("provider", "GR07"), EVERYONE)
    assert_published(warehouse, cell, GR07_IN_MAY_2024[indicator])


@pytest.mark.parametrize(
    "cell", PUBLISHED, ids=[f"{i} {p[0]} {p[1]} {a[1]} {b[1]}" for i, p, a, b in PUBLISHED]
)
def test_a_published_figure_is_what_the_rules_of_disclosure_make_it(
    warehouse: duckdb.DuckDBPyConnection, cell: Cell
) -> None:
    assert_published(warehouse, cell, PUBLISHED[cell])


@pytest.mark.parametrize(
    ("indicator", "period", "area", "breakdown"),
    [
        # Hal, the one of gender 9, had no contact since January.
        ("contacts_attended", PERIODS["Jan-Mar"], SYSTEM_AREA, ("gender", "9")),
        # IR09 began in October 2024, KI11 ended in September 2025: nothing was expected of them.
        ("people_supported", MAY, ("provider", "IR09"), EVERYONE),
        ("people_supported", PERIODS["Dec"], ("provider", "KI11"), EVERYONE),
        # Pounds are not divided by persons.
        ("unit_cost", PERIODS["Jan-Mar"], SYSTEM_AREA, ("gender", "1")),
    ],
)
def test_a_cell_that_is_empty_or_not_expected_is_absent(
    warehouse: duckdb.DuckDBPyConnection,
    indicator: str,
    period: tuple[str, date],
    area: tuple[str, str],
    breakdown: tuple[str, str],
) -> None:
    parameters = [indicator, *period, *area, *breakdown]
    assert warehouse.execute(PUBLISHED_SQL, parameters).fetchall() == []


def test_published_figures_say_how_many_returns_were_expected_and_came(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute(
        "select distinct period_type, period_start, area_type, area_code, "
        "returns_expected, returns_in_effect from marts.published_indicators "
        "where breakdown_type = 'all'"
    ).fetchall()
    told = {((kind, start), (area, code)): counts for kind, start, area, code, *counts in found}
    assert {cell: tuple(told[cell]) for cell in RETURNS} == RETURNS


def test_every_part_of_the_system_and_period_has_a_row_for_every_indicator(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    # January to March 2026: the system, 2 local authorities, 4 places and 11 providers.
    found = warehouse.execute(
        "select count(*), count(distinct indicator_id), count(distinct area_code) "
        "from marts.published_indicators where breakdown_type = 'all' "
        "and period_type = 'quarter' and period_start = '2026-01-01'"
    ).fetchone()
    assert found == (32 * 18, 32, 18)
