"""Forms: form-js JSON files that say what a person fills in at a step, and check it.

    form = load(data)
    form.resolve(codes)                         # the JSON a screen shows, options filled in
    form.prefill(context, functions)            # values computed from the case: less typing
    form.check(values, context, functions, codes=codes)   # Checked(values, errors)

The format (a subset of form-js schema 19 with a few `properties`) is described in `processes/common/README.md`.
"""

from engine.forms.checking import Checked
from engine.forms.form import Form, load
from engine.forms.inputs import Codes, Input, Kind
from engine.forms.reading import FormRefused

__all__ = ["Checked", "Codes", "Form", "FormRefused", "Input", "Kind", "load"]
