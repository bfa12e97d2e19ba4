"""The facts a company keeps for its assistant, read from YAML and checked before anybody hears them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.settings import Settings, get_settings
from core.types import AddressForm
from offers.facts import Branch, Branches, Product, Products
from offers.terms import Membership, Policies, Policy, Shop
from offers.yaml_file import Document, find_repeated, read_document

SHIPPED = Path(__file__).with_name("company")
MEDIA = "media/"  # the folder of pictures and videos in it


@dataclass(frozen=True)
class Company:
    """Everything the company tells. sample: whether any of it is invented, so that nobody takes it for real."""

    branches: tuple[Branch, ...]
    products: tuple[Product, ...]
    shop: Shop
    membership: Membership
    policies: tuple[Policy, ...]
    sample: bool

    def product(self, sku: str) -> Product | None:
        return next((product for product in self.products if product.sku == sku), None)


def load_company() -> Company:
    """The facts in the folder of the setting company_dir; read once. Raises FileError."""
    return read_company(find_folder(), get_settings().address)


def find_folder(settings: Settings | None = None) -> Path:
    """Where the facts of this installation are."""
    folder = (settings or get_settings()).company_dir
    return Path(folder) if folder else SHIPPED


@cache
def read_company(folder: Path = SHIPPED, address: AddressForm = AddressForm.INFORMAL) -> Company:
    """The facts in a folder; every file must be there and fit. Raises FileError with file, line and what to do."""
    files = {
        name: read_document(folder / f"{name}.yml")
        for name in ("branches", "products", "shop", "membership", "policies")
    }
    branches, products = files["branches"].read(Branches, address), files["products"].read(Products, address)
    shop, membership = files["shop"].read(Shop, address), files["membership"].read(Membership, address)
    policies = files["policies"].read(Policies, address)
    refuse_repeated(files["branches"], "branches", "id", [branch.id for branch in branches.branches])
    refuse_repeated(files["products"], "products", "sku", [product.sku for product in products.products])
    refuse_repeated(files["policies"], "policies", "id", [policy.id for policy in policies.policies])
    refuse_repeated(files["shop"], "shipping", "country", [rule.country for rule in shop.shipping])
    check_references(files["products"], products.products, shop)
    check_media_files(files["products"], products.products, folder)
    return Company(
        branches.branches,
        products.products,
        shop,
        membership,
        policies.policies,
        sample=any(part.sample for part in (branches, products, shop, membership, policies)),
    )


def refuse_repeated(document: Document, group: str, key: str, values: list[str]) -> None:
    """Two entries of the same name could not be told apart."""
    if repeated := find_repeated(values):
        number, value = repeated
        raise document.error((group, number, key), f"{value!r} stands here twice: give one of them another {key}")


def check_references(document: Document, products: tuple[Product, ...], shop: Shop) -> None:
    """What a product points at exists."""
    skus = {product.sku for product in products}
    for number, product in enumerate(products):
        if product.size_table and product.size_table not in shop.size_tables:
            known = ", ".join(shop.size_tables)
            problem = f"{product.size_table!r} is not among the size_tables of shop.yml: use {known}"
            raise document.error(("products", number, "size_table"), problem)
        if product.how_to and product.how_to.related_sku not in skus:
            problem = f"there is no product {product.how_to.related_sku!r}: use the sku of one in this file"
            raise document.error(("products", number, "how_to", "related_sku"), problem)


def check_media_files(document: Document, products: tuple[Product, ...], folder: Path) -> None:
    """Pictures and videos of our own are there."""
    for number, product in enumerate(products):
        named = product.how_to.media_url if product.how_to else ""
        if named.startswith(MEDIA) and not (folder / named).is_file():
            raise document.error(
                ("products", number, "how_to", "media_url"), f"there is no file {named!r}: put it there"
            )


def find_media(name: str) -> Path | None:
    """The file of this name that a how-to shows, None if none does."""
    shown = {product.how_to.media_url for product in load_company().products if product.how_to}
    return find_folder() / MEDIA / name if f"{MEDIA}{name}" in shown else None
