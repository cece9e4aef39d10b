"""Forms: kinds the engine does not know, missing options, expressions that cannot be read. The element is the field's key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine import forms
from engine.errors import Field, XunzhenError
from engine.forms import Input
from engine.hosting import HOST_FUNCTIONS
from engine.lint.finding import Finding, Subject

RULE = "form"


def check(subject: Subject) -> Iterable[Finding]:
    bundle = subject.bundle
    known = {*subject.codes, *bundle.codes}
    for key, raw in bundle.forms.items():
        file = bundle.form_files[key]
        try:
            form = forms.load(raw)
        except XunzhenError as error:
            for field in error.fields or (Field("", error.message),):
                yield Finding(
                    file, field.path or None, f"表单 {key} 的 {field.path}" if field.path else f"表单 {key}", None, RULE, "error",
                    field.message, "在表单编辑器里改正", f"the form {key} is refused at {field.path}", "mend it in the form editor",
                )  # fmt: skip
        else:
            yield from _inputs(file, form.title, form.fields, known)


def _inputs(file: str, title: str, inputs: Sequence[Input], known: set[str]) -> Iterator[Finding]:
    for one in inputs:
        name = f"{title} · {one.label}"
        if one.options_list is not None and known and one.options_list not in known:
            yield Finding(
                file, one.key, name, None, RULE, "error", f"代码表 {one.options_list} 不存在", "改选已有的代码表，或自己列出选项",
                f"there is no code list {one.options_list}", "choose a list that exists, or list the options yourself",
            )  # fmt: skip
        for expression in filter(
            None, (*one.hide, one.check, one.check_words, one.prefill, one.options_from, one.among)
        ):
            for function in expression.unknown_functions(sorted(HOST_FUNCTIONS)):
                yield Finding(
                    file, one.key, name, None, RULE, "error", f"表达式调用了不存在的函数 {function}：{expression.text}", "检查函数名的写法",
                    f"there is no function {function} in {expression.text}", "check the name of the function",
                )  # fmt: skip
        yield from _inputs(file, title, one.columns, known)
