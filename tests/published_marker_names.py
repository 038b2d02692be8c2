"""Names of the markers of sets as their makers publish them; where from stands in the tables of the sets."""

from __future__ import annotations


def _sides(*names: str) -> tuple[str, ...]:
    """Names with a place for the side (`{}`), for right and left."""
    return tuple(name.format(side) for name in names for side in "RL")


_PIG_UPPER = (
    *_sides("{}FHD", "{}BHD", "{}SHO", "{}UPA", "{}ELB", "{}FRM", "{}WRA", "{}WRB", "{}FIN"),
    "C7",
    "T10",
    "CLAV",
    "STRN",
    "RBAK",
)
_PIG_LEGS = _sides("{}ASI", "{}THI", "{}KNE", "{}TIB", "{}ANK", "{}HEE", "{}TOE")
_OXFORD = _sides(
    *("{}HFB", "{}TUB", "{}SHN", "{}MMA", "{}CPG", "{}PCA", "{}LCA", "{}STL", "{}P1M", "{}D1M", "{}P5M", "{}D5M"),
    "{}HLX",
)
_CGM_CLUSTERS = _sides("{}THAP", "{}THAD", "{}TIAP", "{}TIAD")
_QTM_ARMS = _sides("{}_SAE", "{}_HUM", "{}_HLE", "{}_RSP", "{}_USP", "{}_HM2")
_QTM_LEGS = _sides(
    *("{}_IAS", "{}_IPS", "{}_FLE", "{}_FME", "{}_FAL", "{}_TAM", "{}_FCC", "{}_FM1", "{}_FM2", "{}_FM5")
)
_CORTEX = (
    *_sides("{}.ASIS", "{}.Thigh", "{}.Knee", "{}.Knee.Medial", "{}.Shank", "{}.Ankle", "{}.Ankle.Medial"),
    *_sides("{}.Heel", "{}.Toe"),
    "V.Sacral",
)

PUBLISHED: dict[str, tuple[str, tuple[str, ...]]] = {
    "Plug-in Gait, PSIS, full body": ("plug_in_gait", (*_PIG_LEGS, *_sides("{}PSI"), *_PIG_UPPER)),
    "Helen Hayes of Vicon, sacrum": ("plug_in_gait", (*_PIG_LEGS, "SACR")),
    "CGM1 with medial markers and KAD (pyCGM2)": (
        "plug_in_gait",
        (*_PIG_LEGS, *_sides("{}PSI", "{}KAX", "{}KD1", "{}KD2", "{}MED"), *_PIG_UPPER),
    ),
    "Oxford foot model": ("plug_in_gait", (*_PIG_LEGS, "SACR", *_OXFORD, *_PIG_UPPER)),
    "CGM2.1 and CGM2.2": ("cgm2", (*_PIG_LEGS, *_sides("{}PSI", "{}KNM", "{}MED"), *_PIG_UPPER)),
    "CGM2.3": ("cgm2", (*_PIG_LEGS, *_sides("{}PSI", "{}KNM", "{}MED"), *_CGM_CLUSTERS)),
    "CGM2.4": ("cgm2", (*_PIG_LEGS, *_sides("{}PSI", "{}KNM", "{}MED", "{}FMH", "{}SMH", "{}VMH"), *_CGM_CLUSTERS)),
    "CGM2.5": (
        "cgm2",
        (
            *(*_PIG_LEGS, *_sides("{}PSI", "{}KNM", "{}MED", "{}FMH", "{}SMH", "{}VMH", "{}MAS"), *_CGM_CLUSTERS),
            *("GLAB", "T2", *_PIG_UPPER),
        ),
    ),
    "IOR (Visual3D)": (
        "ior",
        (
            *_sides("{}IAS", "{}IPS", "{}FTC", "{}FLE", "{}FME", "{}FAX", "{}TTC", "{}FAL", "{}TAM", "{}FCC"),
            *_sides("{}FM1", "{}FM2", "{}FM5", "{}CAJ"),
            *("SJN", "SXS", "CV7", "TV2", "TV7", "LV1", "LV3", "LV5"),
        ),
    ),
    "IOR and UNIPD in the papers": (
        "ior",
        (
            *_sides("{}ASIS", "{}PSIS", "{}GT", "{}LE", "{}ME", "{}HF", "{}TT", "{}LM", "{}MM", "{}CA"),
            *_sides("{}FMH", "{}SMH", "{}VMH", "{}A"),
            *("C7", "IJ", "PX", "MAI"),
        ),
    ),
    "IOR of Qualisys": (
        "ior",
        (
            *(*_QTM_LEGS, *_sides("{}_FTC", "{}_FAX", "{}_TTC", "{}_HEAD"), *_QTM_ARMS),
            *("SGL", "SJN", "SXS", "CV7", "TV2", "MAI", "LV1", "LV3", "LV5"),
        ),
    ),
    "CAST of Qualisys": (
        "cast",
        (
            *_QTM_LEGS,
            *_sides("{}_TH1", "{}_TH2", "{}_TH3", "{}_TH4", "{}_SK1", "{}_SK2", "{}_SK3", "{}_SK4", "{}_HEAD"),
            *(*_QTM_ARMS, "SGL", "CV7", "TV10"),
        ),
    ),
    "Sports of Qualisys": (
        "qualisys_sports",
        (
            *_sides("Waist{}Front", "Waist{}", "{}ThighFrontLow", "{}KneeOut", "{}KneeIn", "{}ShinFrontHigh"),
            *_sides("{}AnkleOut", "{}HeelBack", "{}Forefoot2", "{}Forefoot5", "{}ShoulderTop", "{}Arm"),
            *_sides("{}ElbowOut", "{}ElbowIn", "{}WristIn", "{}WristOut", "{}Hand2", "Head{}"),
            *("HeadFront", "Chest", "SpineThoracic2", "SpineThoracic12", "WaistBack"),
        ),
    ),
    "Cleveland (gait2392)": (
        "cleveland",
        (
            *_sides("{}.ASIS", "{}.Thigh.Upper", "{}.Thigh.Front", "{}.Thigh.Rear", "{}.Knee.Lat", "{}.Knee.Med"),
            *_sides("{}.Shank.Upper", "{}.Shank.Front", "{}.Shank.Rear", "{}.Ankle.Lat", "{}.Ankle.Med", "{}.Heel"),
            *_sides("{}.Midfoot.Sup", "{}.Midfoot.Lat", "{}.Toe.Tip", "{}.Toe.Lat", "{}.Toe.Med", "{}.Acromium"),
            *("Sternum", "Top.Head", "V.Sacral"),
        ),
    ),
    "Helen Hayes of Cortex, legs": ("cortex_helen_hayes", _CORTEX),
    "Helen Hayes of Cortex, full body": (
        "cortex_helen_hayes",
        (*_CORTEX, *_sides("{}.Shoulder", "{}.Elbow", "{}.Wrist"), "R.Offset", "Top.Head", "Front.Head", "Rear.Head"),
    ),
    "OpenCap, augmented markers": (
        "opencap",
        (
            *("C7_study", "r.ASIS_study", "L.ASIS_study", "r.PSIS_study", "L.PSIS_study", "RHJC_study", "LHJC_study"),
            *(
                f"{side}_{name}_study"
                for side in "rL"
                for name in (
                    *("shoulder", "knee", "mknee", "ankle", "mankle", "calc", "toe", "5meta", "lelbow", "melbow"),
                    *("lwrist", "mwrist", "thigh1", "thigh2", "thigh3", "sh1", "sh2", "sh3"),
                )
            ),
        ),
    ),
    "Rajagopal 2016, full body (AddBiomechanics)": (
        "rajagopal2016_run",
        (
            *_sides("{}ACR", "{}ASH", "{}PSH", "{}SJC", "{}UA1", "{}UA2", "{}UA3", "{}LEL", "{}MEL", "{}FAsuperior"),
            *_sides("{}FAradius", "{}FAulna", "{}ASI", "{}PSI", "{}HJC", "{}TH1", "{}TH2", "{}TH3", "{}LFC", "{}MFC"),
            *_sides("{}KJC", "{}TB1", "{}TB2", "{}TB3", "{}LMAL", "{}MMAL", "{}AJC", "{}CAL", "{}TOE", "{}MT5"),
            *_sides("{}EJC", "{}_tibial_plateau"),
            *("C7", "CLAV"),
        ),
    ),
    "Grand Challenge, patient PS": (
        "grandchallenge5_ps",
        (
            *_sides("{}Asis", "{}Psis", "{}Shoulder", "{}ThighSuperior", "{}ThighInferior", "{}ThighLateral"),
            *_sides("{}KneeLateral", "{}KneeMedial", "{}ShankSuperior", "{}ShankInferior", "{}ShankLateral"),
            *_sides("{}AnkleLateral", "{}AnkleMedial", "{}Heel", "{}Hindfoot", "{}MidfootSuperior", "{}MidfootMedial"),
            *_sides("{}MidfootLateral", "{}ToeMedial", "{}ToeLateral", "{}Toe"),
            *("Sternum", "Xiphoid", "Thoracic", "Neck", "Sacral"),
        ),
    ),
    "BioMAC": (
        "biomac",
        (
            *_sides("{}Asi", "{}Tro", "{}Pat", "{}KneM", "{}KneL", "{}Tub", "{}AnkM", "{}AnkL", "{}Hee", "{}CalM"),
            *_sides("{}CalL", "{}ToeM", "{}Toe2", "{}ToeL", "{}Sho", "{}ElbM", "{}ElbL", "{}RSP", "{}USP"),
            *("C7", "Clav", "Strn", "Sacr"),
        ),
    ),
}
"""What is published -> the shipped set that should be recognised, and the names."""
