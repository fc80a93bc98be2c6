#!/usr/bin/env bash
# Makes the model that is part of this program, from photographs and teachers to embedding/shipped:
#
#     training/small/make.sh PHOTOGRAPHS WEIGHTS WORK
#
# PHOTOGRAPHS holds luma/, grocery/, clothing/ and varied/, each with a catalogue.csv; WEIGHTS the
# teachers' as .safetensors; WORK is a folder for everything in between (6 GB). Hours on two
# processors. Interrupted, it goes on where it was.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
photographs="$(cd "$1" && pwd)"
weights="$(cd "$2" && pwd)"
mkdir -p "$3"
cd "$3"
export LIKENESS_HOME="$PWD/home"

ln -sfn "$photographs" photographs
cp "$here/student.yaml" student.yaml

# Pictures that int8 is made and measured with: every 25th.
if [[ ! -d calibration ]]; then
  mkdir calibration.part
  find photographs/ -name '*.jpg' | sort | awk 'NR % 25 == 0' | while read -r picture; do
    cp "$picture" "calibration.part/$(echo "$picture" | tr / -)"
  done
  mv calibration.part calibration
fi

teacher() { # NAME ARGUMENTS...
  [[ -d "home/models/$1-int8" ]] && return
  likeness models add "$1" --weights "$weights/$1.safetensors" --licence apache-2.0 \
    --model-arg pad_type=same --mean 0.5 --std 0.5 --precision fp32 "${@:2}"
  likeness models quantise "$1" --force --calibrate-on calibration
}
teacher mobilenet_edgetpu_100 --identity blocks.0.0.bn1.act
teacher mobilenetv2_100

resume=()
[[ -f student/checkpoint.pt ]] && resume=(--resume)
likeness distil student.yaml --out student --name student "${resume[@]}"
likeness models add student/model --precision int8 --calibrate-on calibration --overwrite

# Pictures that nothing was learnt from measure the recipe; then the head learns from them, too.
python -m training.distillation.parts student.yaml parts
# Things and clothes are many, and say little of products: of their pictures the head sees every tenth.
for part in learnt held-out; do
  mkdir -p "parts/tenth/$part"
  for each in varied clothing; do
    awk 'NR == 1 || NR % 10 == 0' "parts/$part/$each.csv" > "parts/tenth/$part/$each.csv"
  done
done
# Drawn products, none of them in the demo that anybody sees, tell it that backgrounds do not count.
likeness demo drawn --seed 11 --products 260
python -m training.small.head student measured \
  parts/learnt/{luma,grocery}.csv parts/tenth/learnt/{varied,clothing}.csv drawn/trial.csv
for each in luma grocery clothing varied; do
  relations=(--relation category)
  [[ $each == luma ]] && relations=(--relation style --relation product_id)
  [[ $each == grocery ]] && relations=(--relation product_id)
  likeness evaluate "parts/held-out/$each.csv" "${relations[@]}" --model colour-hsv --model classic \
    --model mobilenet_edgetpu_100 --model student --model measured
done
likeness calibrate parts/held-out/luma.csv --model measured --dry-run

python -m training.small.head student whole parts/{learnt,held-out}/{luma,grocery}.csv \
  parts/tenth/{learnt,held-out}/{varied,clothing}.csv drawn/trial.csv
likeness demo demo
likeness evaluate demo/trial.csv --queries by=customer --gallery by=shop --relation product_id \
  --model whole --model student --model classic
python -m training.distillation.shipping whole 0.76
