"""What a person can mend, told apart from bugs."""


class MaskwrightError(Exception):
    """Something a person can mend: the message is one sentence or two that say what happened and what to do.

    Everything else that is raised is a bug and reaches the crash report.
    """


class ImageError(MaskwrightError):
    """An image or mask file that cannot be used as it is."""


class ProjectError(MaskwrightError):
    """A project file that cannot be opened, read or written."""


class TrainingError(MaskwrightError):
    """Training or prediction that cannot start or go on."""


class ExportError(MaskwrightError):
    """An export that cannot be written."""


class ModelError(MaskwrightError):
    """A model file from elsewhere that cannot be used."""
