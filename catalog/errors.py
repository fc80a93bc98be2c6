"""Everything that can go wrong in the catalogue.

CatalogError
├── DatabaseError
│   ├── DatabaseUnreachable    cannot be opened or connected to
│   ├── DatabaseBusy           another writer held it for too long
│   ├── DatabaseNewer          written by a newer version of Likeness
│   ├── DatabaseDamaged        the file is not (or no longer) a database
│   └── StorageFull            no room left where the catalogue is kept
├── CollectionUnknown
├── CollectionInvalid          a name that cannot be one
├── ProductUnknown
├── ProductInvalid             a field that cannot be stored
├── FilterInvalid
├── FacetInvalid               a field whose values cannot be counted
├── ModelChanged               the collection flipped to another model meanwhile
├── PicturesChanged            another writer changed the same product's pictures meanwhile
├── EmbeddingsMissing          a release would lack vectors of pictures it must serve
├── JobUnknown
├── JobConflict                another process is already at work on the collection
├── JobLost                    the job was taken over by another worker
├── KeyInvalid
└── PictureMissing             a kept copy is gone from the pictures folder
"""


class CatalogError(Exception):
    """Base of every error of this package; `code` is a stable name for programs."""

    code = "catalog-error"


class DatabaseError(CatalogError):
    """The database itself cannot do what it was asked."""

    code = "database-error"


class DatabaseUnreachable(DatabaseError):
    code = "database-unreachable"


class DatabaseBusy(DatabaseError):
    code = "database-busy"


class DatabaseNewer(DatabaseError):
    code = "database-newer"


class DatabaseDamaged(DatabaseError):
    code = "database-damaged"


class StorageFull(DatabaseError):
    code = "storage-full"


class CollectionUnknown(CatalogError):
    code = "collection-unknown"


class CollectionInvalid(CatalogError):
    code = "collection-invalid"


class ProductUnknown(CatalogError):
    code = "product-unknown"


class ProductInvalid(CatalogError):
    code = "product-invalid"


class FilterInvalid(CatalogError):
    code = "filter-invalid"


class FacetInvalid(CatalogError):
    code = "facet-invalid"


class ModelChanged(CatalogError):
    code = "model-changed"


class PicturesChanged(CatalogError):
    code = "pictures-changed"


class EmbeddingsMissing(CatalogError):
    code = "embeddings-missing"


class JobUnknown(CatalogError):
    code = "job-unknown"


class JobConflict(CatalogError):
    code = "job-conflict"


class JobLost(CatalogError):
    code = "job-lost"


class KeyInvalid(CatalogError):
    code = "key-invalid"


class PictureMissing(CatalogError):
    code = "picture-missing"
