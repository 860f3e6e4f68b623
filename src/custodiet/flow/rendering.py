"""Rendering: a call that fills a template is a call of the template, with the context as its arguments."""

from typing import Any

from custodiet.flow import containers
from custodiet.flow.frame import Frame
from custodiet.flow.sinks import Sinks
from custodiet.flow.site import Site
from custodiet.flow.summary import SinkUse
from custodiet.flow.values import CONST, FUNCTION, NOTHING, OBJECT, Value, follows
from custodiet.knowledge.schema import Render


class Rendering(Sinks):
    """Calls of templates."""

    def render(self, frame: Frame, site: Site, render: Render) -> bool:
        """Run a template with its context, as if it were a function; whether its text is known, so that what it prints
        was judged inside it.
        """
        template = site.argument(render.template)
        if template is None:
            return False
        if render.text:
            return self.render_text(frame, site, render, template)
        is_known = False
        names = [template]
        if template[1] == OBJECT and containers.is_container(frame, template):
            names = list(frame.heap[template[2]][2].values())
        for name in names:
            if name[1] != CONST or not isinstance(name[2], str):
                continue
            module = self.program.find_template(name[2], frame.module)
            if module is None:
                continue
            functions = self.program.modules[module].functions
            if len(functions) < 2:
                continue
            self.call(
                frame, (0, FUNCTION, (module, 1, None, ())), [], self.context(frame, site, render.context), site.span
            )
            is_known = True
        return is_known

    def render_text(self, frame: Frame, site: Site, render: Render, template: Value) -> bool:
        """Render a template that is given as a constant text: what it prints unescaped is markup."""
        if template[1] == OBJECT:
            record = frame.heap.get(template[2])
            template = record[1].get("source", NOTHING) if record is not None else NOTHING
        if template[1] != CONST or not isinstance(template[2], str):
            return False
        from custodiet.source.template_exposure import exposed_names  # late: few scans meet such a template

        given = dict(self.context(frame, site, render.context))
        for name, place in exposed_names(template[2], engine=render.engine, autoescape=render.autoescape):
            value = given.get(name.partition(".")[0], NOTHING)
            if frame.deep(value):
                use = SinkUse("html", frame.module, site.span, (frame.module, frame.index), f"custodiet.markup.{place}")
                self.reach(frame, use, frame.deep(value))
        return True

    def context(self, frame: Frame, site: Site, names: Any) -> list[tuple[str, Value]]:
        """The names that a template gets."""
        if names is None:
            return []
        if names == ["**"]:
            found: list[tuple[str, Value]] = []
            for given, value in site.kw:
                if given == "**":
                    found.extend(self._entries(frame, value))
                else:
                    found.append((given, value))
            return found
        context = site.argument(names)
        return [] if context is None else self._entries(frame, context)

    def _entries(self, frame: Frame, value: Value) -> list[tuple[str, Value]]:
        if value[1] != OBJECT:
            # some mapping of the request's own names, or many things of which one came from it
            return [("**", (follows(value[0]), value[1], value[2]))] if value[0] else []
        record = frame.heap.get(value[2])
        if record is None:
            return []
        # what stands under names that are not known is not every name
        return [(name, item) for name, item in record[2].items() if isinstance(name, str)]
