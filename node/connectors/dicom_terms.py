"""The words of DICOM that may leave a file: a word that is in no list here is not kept.

An attribute for a code holds what somebody typed: a name in other spelling, a part of a number. To
look for the patient's name in it would miss the next spelling, so what may be kept is listed. The
codes are defined terms of the standard (PS3.3 C.7.3.1.1.1 and C.8, PS3.16 annex L).
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODALITIES = _words(
    "BI BMD CR CT DG DX ES GM IO IVOCT IVUS LS MG MR NM OAM OCT OP OPM OPT OT PA PT PX RF RG "
    "SC SM TG US XA XC"
)
"""Kinds of images."""

BODY_PARTS = _words(
    "ABDOMEN ABDOMENPELVIS ADRENAL ANKLE AORTA ARM AXILLA BACK BLADDER BRAIN BREAST BRONCHUS "
    "BUTTOCK CALCANEUS CALF CAROTID CEREBELLUM CERVIX CHEEK CHEST CHESTABDOMEN CHESTABDPELVIS "
    "CIRCLEOFWILLIS CLAVICLE COCCYX COLON CORNEA CORONARYARTERY CSPINE CTSPINE DUODENUM EAR "
    "ELBOW ESOPHAGUS EXTREMITY EYE EYELID FACE FEMUR FINGER FOOT FOREARM GALLBLADDER HAND "
    "HEAD HEADNECK HEART HIP HUMERUS IAC ILEUM ILIUM JAW JEJUNUM KIDNEY KNEE LARYNX LEG LIVER "
    "LSPINE LSSPINE LUNG MAXILLA MEDIASTINUM MOUTH NECK NECKCHEST NECKCHESTABDOMEN "
    "NECKCHESTABDPELV NOSE ORBIT OVARY PANCREAS PAROTID PATELLA PELVIS PENIS PHARYNX PROSTATE "
    "RECTUM RIB SCALP SCAPULA SCLERA SCROTUM SHOULDER SKULL SPINE SPLEEN SSPINE STERNUM "
    "STOMACH SUBMANDIBULAR TESTIS THIGH THUMB THYMUS THYROID TIBIA TLSPINE TMJ TOE TONGUE "
    "TRACHEA TSPINE URETER URETHRA UTERUS VAGINA VULVA WHOLEBODY WRIST ZYGOMA"
)
"""Parts of the body that are examined."""

VIEWS = _words(
    # of mammograms
    "AT CC CV FB ISO LM LMO ML MLO SIO XCC XCCL XCCM "
    # of other X-ray images
    "AP LL LLD LLO PA RL RLD RLO"
)
"""Directions from which an X-ray image is taken."""

SIDES = frozenset("LRUB")
"""Left, right, unpaired, both."""

_MAKERS = {
    "agfa": "Agfa",
    "canon": "Canon",
    "carestream": "Carestream",
    "carl zeiss": "Zeiss",
    "esaote": "Esaote",
    "fuji": "Fujifilm",
    "fujifilm": "Fujifilm",
    "ge": "GE",
    "gems": "GE",
    "heidelberg engineering": "Heidelberg Engineering",
    "hitachi": "Hitachi",
    "hologic": "Hologic",
    "kodak": "Kodak",
    "konica minolta": "Konica Minolta",
    "lorad": "Lorad",
    "marconi medical": "Marconi",
    "mindray": "Mindray",
    "neusoft": "Neusoft",
    "nidek": "Nidek",
    "philips": "Philips",
    "picker international": "Picker",
    "planmed": "Planmed",
    "samsung": "Samsung",
    "sectra": "Sectra",
    "shimadzu": "Shimadzu",
    "siemens": "Siemens",
    "topcon": "Topcon",
    "toshiba": "Toshiba",
    "uih": "United Imaging",
    "united imaging": "United Imaging",
}
_WORD = re.compile(r"[a-z]+")


def maker_of(text: str) -> str:
    """Return the maker that a text begins with, in the spelling of the list; empty for others."""
    words = _WORD.findall(text.casefold())
    known = (_MAKERS.get(" ".join(words[:count]), "") for count in (1, 2))
    return next(filter(None, known), "")
