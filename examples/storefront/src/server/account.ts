import crypto from "node:crypto";

import { Router, type Request, type Response } from "express";
import jwt from "jsonwebtoken";
import winston from "winston";

const logger = winston.createLogger({ transports: [new winston.transports.Console()] });
const SIGNING_KEY = "kJ8#vQ2pLx9!mZ4tRw7y";
const SIGNING_KEY_SAFE = process.env.SIGNING_KEY ?? "";

export const account = Router();

function login(req: Request, res: Response) {
  logger.info(`Login of ${req.body.user}`);
  res.cookie("session", jwt.sign({ user: req.body.user }, SIGNING_KEY), { httpOnly: false, secure: false });
  res.sendStatus(204);
}

function loginSafe(req: Request, res: Response) {
  logger.info("Login", { user: String(req.body.user).replace(/[\r\n]/g, "") });
  const token = jwt.sign({ user: req.body.user }, SIGNING_KEY_SAFE);
  res.cookie("session", token, { httpOnly: true, secure: true, sameSite: "strict" });
  res.sendStatus(204);
}

function resetToken(): string {
  return Math.random().toString(36).slice(2);
}

function resetTokenSafe(): string {
  return crypto.randomBytes(32).toString("hex");
}

function digest(password: string): string {
  return crypto.createHash("md5").update(password).digest("hex");
}

function digestSafe(password: string): string {
  return crypto.scryptSync(password, crypto.randomBytes(16), 64).toString("hex");
}

function done(req: Request, res: Response) {
  res.redirect(String(req.query.next));
}

function doneSafe(req: Request, res: Response) {
  const next = String(req.query.next);
  res.redirect(["/basket", "/orders"].includes(next) ? next : "/");
}

account.post("/login", login);
account.post("/login-safe", loginSafe);
account.get("/done", done);
account.get("/done-safe", doneSafe);
account.post("/reset", (_req, res) => res.json({ token: resetToken(), safe: resetTokenSafe() }));
account.post("/digest", (req, res) => res.json([digest(req.body.password), digestSafe(req.body.password)]));
