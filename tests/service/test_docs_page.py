"""/docs works on a machine that reaches nothing but this server."""

import re

from tests.service.running import Service


class TestDocsPage:
    def test_loads_nothing_from_elsewhere(self, stocked: Service) -> None:
        client = stocked.client
        page = client.get("/docs")

        addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert page.status_code == 200
        assert len(addresses) >= 3
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "http" not in page.headers["content-security-policy"]
        for address in addresses:
            assert address.startswith("/docs/assets/"), address
            assert client.get(address).status_code == 200

    def test_offers_the_models_of_the_older_call_as_a_drop_down(self, stocked: Service) -> None:
        document = stocked.client.get("/openapi.json").json()

        parameters = document["paths"]["/cosine_similarity_score"]["post"]["parameters"]
        offered = next(p for p in parameters if p["name"] == "model_name")["schema"]["enum"]
        assert {"classic", "resnet18", "efficientnet_b0", "convnext_tiny"} <= set(offered)
