"""How the model that is part of this program is made; `make.sh` runs it all."""
