"""Works that the methods text cites."""

from __future__ import annotations

REFERENCES = {
    "seth2018": "Seth A, Hicks JL, Uchida TK, et al. OpenSim: Simulating musculoskeletal dynamics and "
    "neuromuscular control to study human and animal movement. PLoS Comput Biol 14(7):e1006223, 2018."
    " doi:10.1371/journal.pcbi.1006223",
    "rajagopal2016": "Rajagopal A, Dembia CL, DeMers MS, et al. Full-body musculoskeletal model for muscle-driven "
    "simulation of human gait. IEEE Trans Biomed Eng 63(10):2068-2079, 2016. "
    "doi:10.1109/TBME.2016.2586891",
    "lai2017": "Lai AKM, Arnold AS, Wakeling JM. Why are antagonist muscles co-activated in my simulation? Ann "
    "Biomed Eng 45(12):2762-2774, 2017. doi:10.1007/s10439-017-1920-7",
    "uhlrich2022": "Uhlrich SD, Jackson RW, Seth A, Kolesar JA, Delp SL. Muscle coordination retraining inspired by "
    "musculoskeletal simulations reduces knee contact force. Sci Rep 12:9842, 2022. "
    "doi:10.1038/s41598-022-13386-9",
    "delp1990": "Delp SL, Loan JP, Hoy MG, Zajac FE, Topp EL, Rosen JM. An interactive graphics-based model of the "
    "lower extremity to study orthopaedic surgical procedures. IEEE Trans Biomed Eng 37(8):757-767, 1990. "
    "doi:10.1109/10.102791",
    "werling2023": "Werling K, Bianco NA, Raitor M, et al. AddBiomechanics: Automating model scaling, inverse "
    "kinematics, and inverse dynamics from human motion data. PLoS ONE 18(11):e0295152, 2023. "
    "doi:10.1371/journal.pone.0295152",
    "harrington2007": "Harrington ME, Zavatsky AB, Lawson SEM, Yuan Z, Theologis TN. Prediction of the hip joint centre"
    " in adults, children, and patients with cerebral palsy. J Biomech 40(3):595-602, 2007. "
    "doi:10.1016/j.jbiomech.2006.02.003",
    "handsfield2014": "Handsfield GG, Meyer CH, Hart JM, Abel MF, Blemker SS. Relationships of 35 lower limb muscles to"
    " height and body mass quantified using MRI. J Biomech 47(3):631-638, 2014. "
    "doi:10.1016/j.jbiomech.2013.12.002",
    "millard2013": "Millard M, Uchida T, Seth A, Delp SL. Flexing computational muscle: modeling and simulation of "
    "musculotendon dynamics. J Biomech Eng 135(2):021005, 2013. doi:10.1115/1.4023390",
    "hicks2015": "Hicks JL, Uchida TK, Seth A, Rajagopal A, Delp SL. Is my model good enough? J Biomech Eng "
    "137(2):020905, 2015. doi:10.1115/1.4029304",
    "laidig2023": "Laidig D, Seel T. VQF: Highly accurate IMU orientation estimation with bias estimation and "
    "magnetic disturbance rejection. Inf Fusion 91:187-204, 2023. doi:10.1016/j.inffus.2022.10.014",
    "molder2021": "Mölder F, Jablonski KP, Letcher B, et al. Sustainable data analysis with Snakemake. "
    "F1000Research 10:33, 2021. doi:10.12688/f1000research.29032.2",
    "bland1986": "Bland JM, Altman DG. Statistical methods for assessing agreement between two methods of clinical"
    " measurement. Lancet 327:307-310, 1986. doi:10.1016/S0140-6736(86)90837-8",
}
"""Key -> the work in one line, with its address."""

MODEL_WORKS = {
    "rajagopal2015": ("rajagopal2016", "werling2023"),
    "rajagopal2016": ("rajagopal2016",),
    "rajagopal2023": ("rajagopal2016", "lai2017", "uhlrich2022", "werling2023"),
    "rajagopal2023_rotators": ("rajagopal2016", "lai2017", "uhlrich2022", "delp1990", "werling2023"),
    "rajagopal_lai_uhlrich2023": ("rajagopal2016", "lai2017", "uhlrich2022"),
}
"""Folder of opensim_models/ -> works to cite where it was used."""
