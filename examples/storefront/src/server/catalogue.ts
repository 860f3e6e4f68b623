import { Router, type Request, type Response } from "express";
import escapeHtml from "escape-html";

import { findProducts, findProductsSafe } from "./database";

export const catalogue = Router();

async function search(req: Request, res: Response) {
  const products = await findProducts(String(req.query.name));
  res.json(products);
}

async function searchSafe(req: Request, res: Response) {
  const products = await findProductsSafe(String(req.query.name));
  res.json(products);
}

function notFound(req: Request, res: Response) {
  res.status(404).send(`<h1>Nothing called ${req.params.name}</h1>`);
}

function notFoundSafe(req: Request, res: Response) {
  res.status(404).send(`<h1>Nothing called ${escapeHtml(req.params.name)}</h1>`);
}

async function preview(req: Request, res: Response) {
  const answer = await fetch(req.body.address);
  res.json({ status: answer.status });
}

const PARTNERS = new Map([
  ["acme", "https://catalogue.acme.example/feed"],
  ["globex", "https://feeds.globex.example/all"],
]);

async function previewSafe(req: Request, res: Response) {
  const address = PARTNERS.get(req.body.partner);
  if (address === undefined) {
    res.sendStatus(404);
    return;
  }
  const answer = await fetch(address);
  res.json({ status: answer.status });
}

catalogue.get("/search", search);
catalogue.get("/search-safe", searchSafe);
catalogue.get("/missing/:name", notFound);
catalogue.get("/missing-safe/:name", notFoundSafe);
catalogue.post("/preview", preview);
catalogue.post("/preview-safe", previewSafe);
