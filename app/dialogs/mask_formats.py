"""What people call the formats of masks, what each is for, and what can be chosen about its files."""

TITLES: dict[str, tuple[str, str]] = {
    "png": (
        "PNG with a palette",
        "A PNG for each picture. It opens in the colours of the classes and keeps ids.",
    ),
    "grey-png": ("Grey PNG", "A PNG of class ids for each picture, for training scripts. It looks nearly black."),
    "color-png": ("Coloured PNG", "An RGB PNG in the colours of the classes for each picture, to look at."),
    "onehot": ("NumPy arrays, one-hot", "A plane of 0 and 1 for each class, for training in NumPy, Keras or PyTorch."),
    "coco": ("COCO instances", "One JSON with every region, for detection and instance segmentation."),
    "coco-panoptic": ("COCO panoptic", "PNGs of segments and a JSON with their classes, for panoptic segmentation."),
    "voc": ("Pascal VOC", "Pictures, palette PNGs and lists of names, as many trainers read them."),
    "cityscapes": ("Cityscapes", "Label ids, train ids and colours, for classes that are those of Cityscapes."),
    "yolo-semantic": ("YOLO semantic", "Pictures, grey PNGs and a YAML, to train YOLO on every pixel."),
    "yolo-segment": ("YOLO segmentation", "Pictures, outlines as text and a YAML, to train YOLO on regions."),
    "labelme": ("labelme", "Pictures with a JSON beside each, to go on labelling in labelme."),
    "cvat": ("CVAT for images", "One XML, to go on labelling in CVAT."),
    "labelstudio": ("Label Studio", "Tasks with brush labels, to go on labelling in Label Studio."),
    "ilastik": ("ilastik", "Numbers from 1 for each picture, 0 for unlabelled, as ilastik reads them."),
    "napari": ("napari", "Numbers from 1 for each picture, 0 for unlabelled, to open as labels in napari."),
    "ome-tiff": ("OME-TIFF", "TIFFs that keep the size of a pixel, for microscopy."),
    "geotiff": ("GeoTIFF", "TIFFs that keep their place on the map, for QGIS and other map programs."),
    "huggingface": ("Hugging Face image folder", "Pictures, masks and metadata.jsonl, for the library datasets."),
    "huggingface-parquet": ("Hugging Face Parquet", "One table of pictures and masks, for the library datasets."),
}
"""By name of the format: how people call it, and what it is for."""

CHOICES = {"shapes": "Regions as", "files": "Files", "order": "Classes stand", "type": "Numbers", "colors": "Colours"}
"""By name of what can be chosen about a format's files."""
VALUES = {
    "rle": "runs, compressed",
    "rle-list": "runs, as lists",
    "polygons": "outlines",
    "mask": "masks",
    "npz": ".npz, packed",
    "npy": ".npy",
    "tif": "TIFF",
    "first": "first: (class, row, column)",
    "last": "last: (row, column, class)",
    "uint8": "whole, 8 bit",
    "float32": "float, 32 bit",
    "voc": "of Pascal VOC",
    "project": "of the project",
}


def title_of(name: str) -> str:
    return TITLES[name][0] if name in TITLES else name


def purpose_of(name: str) -> str:
    return TITLES[name][1] if name in TITLES else ""
