"""What the service can be told from outside."""

import pytest

from retrieval.errors import SettingsInvalid
from service.settings import ServiceSettings


class TestCorsOrigins:
    def test_are_a_json_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIKENESS_CORS_ORIGINS", '["https://shop.example/"]')
        assert ServiceSettings.read().cors_origins == ("https://shop.example",)

    @pytest.mark.parametrize("text", ["https://shop.example", "[", '["shop.example"]'])
    def test_anything_else_is_refused_by_name(
        self, monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        monkeypatch.setenv("LIKENESS_CORS_ORIGINS", text)
        with pytest.raises(SettingsInvalid, match=r"(?i)cors_origins.*https://shop\.example"):
            ServiceSettings.read()
