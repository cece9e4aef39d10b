"""Areas, people and households for pickers – only what the reader's areas cover."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api import schemas
from api.deps import Read
from api.views.people import mask_name, mask_phone
from casework import areas, households, staff
from engine.routing import sees

router = APIRouter(prefix="/api", tags=["people"])


class HouseholdOption(BaseModel):
    id: str
    title: str
    place: str
    size: int


@router.get("/areas")
def list_areas(at: Read, parent: str | None = None, tree: bool = False) -> list[schemas.Area]:
    """Children of an area, or with `tree=1` everything the reader may choose as a place."""
    found = areas.subtree(at.tx, parent, at.now) if tree else areas.children(at.tx, parent, at.now)
    return [
        schemas.Area(
            path=a.path,
            code=a.code,
            name=a.name,
            tier=a.tier,
            kind=a.kind,
            parent=a.parent,
            children=a.children,
        )
        for a in found
    ]


@router.get("/people")
def list_people(
    at: Read,
    area: str | None = None,
    post: str | None = None,
    q: Annotated[str | None, Query(max_length=50)] = None,
) -> list[schemas.Person]:
    """People who hold posts in the reader's areas (and above them: whom one may ask)."""
    found = staff.search(at.tx, area=area, post=post, q=q, on=at.now, limit=50)
    mine = [held.area for held in at.actor.appointments]
    shown = []
    for person in found:
        posts = [p for p in person.posts if any(sees(at.actor, p.area) or a.startswith(p.area) for a in mine)]
        if posts:
            labels = areas.names(at.tx, {p.area for p in posts})
            shown.append(
                schemas.Person(
                    id=person.id,
                    name=person.name,
                    phone=mask_phone(person.phone),
                    posts=[
                        schemas.PostHeld(
                            post=p.post,
                            label=str(at.tx.world.posts.get(p.post, {}).get("label", p.post)),
                            tier=p.tier,
                            area=p.area,
                            area_name=labels.get(p.area, p.area),
                        )
                        for p in posts
                    ],
                )
            )
    return shown


@router.get("/households")
def list_households(at: Read, q: Annotated[str, Query(max_length=50)] = "") -> list[HouseholdOption]:
    """Households of the reader's areas whose head's name or number matches."""
    places = [held.area for held in at.actor.appointments]
    found = households.search(at.tx, q, places, limit=20)
    names = areas.names(at.tx, {h.area for h in found})
    return [
        HouseholdOption(id=h.id, title=mask_name(h.head), place=names.get(h.area, h.area), size=h.size)
        for h in found
    ]
