import { exec, execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { Router, type Request, type Response } from "express";

const FOLDER = "/srv/manuals";

export const files = Router();

function manual(req: Request, res: Response) {
  res.type("pdf").send(fs.readFileSync(path.join(FOLDER, String(req.query.name))));
}

function manualSafe(req: Request, res: Response) {
  const file = path.resolve(FOLDER, String(req.query.name));
  if (!file.startsWith(FOLDER + path.sep)) {
    res.sendStatus(404);
    return;
  }
  res.type("pdf").send(fs.readFileSync(file));
}

function thumbnail(req: Request, res: Response) {
  exec(`convert /srv/images/${req.query.image} -resize 64x64 /tmp/thumbnail.png`, () => res.sendStatus(204));
}

function thumbnailSafe(req: Request, res: Response) {
  const image = path.basename(String(req.query.image));
  execFile("convert", [`/srv/images/${image}`, "-resize", "64x64", "/tmp/thumbnail.png"], () => res.sendStatus(204));
}

function price(req: Request, res: Response) {
  res.json({ price: eval(req.body.formula) });
}

function priceSafe(req: Request, res: Response) {
  res.json({ price: Number(req.body.formula) * 1.19 });
}

files.get("/manual", manual);
files.get("/manual-safe", manualSafe);
files.get("/thumbnail", thumbnail);
files.get("/thumbnail-safe", thumbnailSafe);
files.post("/price", price);
files.post("/price-safe", priceSafe);
