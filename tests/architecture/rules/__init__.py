"""The rules of the house, each a function from a root folder to its breaches."""
from .imports import check_addons, check_domains, check_http_clients, check_rings
from .manifests import check_assets, check_manifests
from .models import check_orm_verbs, check_single_definitions
from .sizes import check_file_sizes, check_function_sizes
from .texts import check_logging, check_machine_paths, check_prints, check_sql
from .xml_ids import check_foreign_records, check_single_ids, check_xml_ids

RULES = (
    check_rings,
    check_http_clients,
    check_addons,
    check_domains,
    check_orm_verbs,
    check_single_definitions,
    check_file_sizes,
    check_function_sizes,
    check_manifests,
    check_assets,
    check_xml_ids,
    check_single_ids,
    check_foreign_records,
    check_sql,
    check_prints,
    check_logging,
    check_machine_paths,
)
