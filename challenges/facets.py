"""The fixed word lists of the format: sectors, tasks, modalities, roles of data files, phases.

Each maps the key that a `challenge.toml` holds to its English name. The names are messages: the Chinese ones are in the
room's catalogue. Order is the order in which pages list them.
"""

from collections.abc import Mapping
from types import MappingProxyType

SECTORS: Mapping[str, str] = MappingProxyType(
    {
        "scientific-research": "Scientific research",
        "manufacturing": "Manufacturing",
        "agriculture": "Agriculture",
        "energy": "Energy",
        "transport": "Transport",
        "finance": "Finance",
        "healthcare": "Healthcare",
        "education": "Education",
        "commerce": "Commerce",
        "human-resources": "Human resources",
        "culture-tourism": "Culture and tourism",
        "emergency-management": "Emergency management",
        "meteorology": "Meteorology",
        "green-low-carbon": "Green and low-carbon",
        "public-safety": "Public safety",
        "urban-governance": "Urban governance",
        "low-altitude-economy": "Low-altitude economy",
        "industrial-internet": "Industrial internet",
    }
)

TASKS: Mapping[str, str] = MappingProxyType(
    {
        "binary-classification": "Binary classification",
        "multiclass-classification": "Multi-class classification",
        "ordinal-classification": "Ordinal classification",
        "regression": "Regression",
        "forecasting": "Forecasting",
        "anomaly-detection": "Anomaly detection",
        "ranking": "Ranking",
        "recommendation": "Recommendation",
        "retrieval": "Retrieval",
        "image-classification": "Image classification",
        "text-classification": "Text classification",
        "audio-classification": "Audio classification",
        "video-classification": "Video classification",
        "data-cleaning": "Data cleaning",
        "data-labelling": "Data labelling",
    }
)

MODALITIES: Mapping[str, str] = MappingProxyType(
    {
        "table": "Tables",
        "time-series": "Time series",
        "text": "Text",
        "image": "Images",
        "audio": "Audio",
        "video": "Video",
        "geospatial": "Geospatial data",
        "graph": "Graphs",
    }
)

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "train": "Training data",
        "validation": "Validation data",
        "test": "Test data",
        "sample-submission": "Sample submission",
        "metadata": "Metadata",
        "raw": "Raw data",
        "starter": "Starter code",
    }
)

PHASES: Mapping[str, str] = MappingProxyType(
    {
        "open": "Open phase",
        "practice": "Practice phase",
        "preliminary": "Preliminary",
        "semifinal": "Semifinal",
        "final": "Final",
    }
)
