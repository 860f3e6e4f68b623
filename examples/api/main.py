"""The service behind the mobile app."""

import asyncio
import logging

import aiosqlite
import httpx
from fastapi import FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, RedirectResponse
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

from .settings import TRUSTED_ORIGINS

app = FastAPI(title="Shop")
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
partner_app = FastAPI(title="Partners")
partner_app.add_middleware(CORSMiddleware, allow_origins=TRUSTED_ORIGINS, allow_credentials=True)

client = AsyncIOMotorClient("mongodb://localhost:27017")
reviews = client.get_database("shop").get_collection("reviews")
logger = logging.getLogger("shop.api")


class Credentials(BaseModel):
    username: str
    password: str


@app.get("/orders/{order_id}")
async def get_order(order_id: str):
    """Return an order."""
    async with aiosqlite.connect("shop.db") as db:
        cursor = await db.execute(f"SELECT id, total FROM orders WHERE id = {order_id}")
        return await cursor.fetchone()


@app.get("/safe/orders/{order_id}")
async def get_order_safe(order_id: int):
    """Return an order."""
    async with aiosqlite.connect("shop.db") as db:
        cursor = await db.execute("SELECT id, total FROM orders WHERE id = ?", (order_id,))
        return await cursor.fetchone()


@app.post("/reviews/search")
async def search_reviews(request: Request):
    """Find the reviews that match the filter of the app."""
    query = await request.json()
    found = await reviews.find(query).to_list(100)
    return {"count": len(found)}


@app.post("/safe/reviews/search")
async def search_reviews_safe(request: Request):
    """Find the reviews of a product."""
    query = await request.json()
    found = await reviews.find({"product": str(query["product"])}).to_list(100)
    return {"count": len(found)}


@app.get("/labels")
async def print_label(address: str):
    """Print the label of a parcel."""
    process = await asyncio.create_subprocess_shell(f"lp -t '{address}' label.pdf")
    await process.wait()
    return {"code": process.returncode}


@app.get("/safe/labels")
async def print_label_safe(address: str):
    """Print the label of a parcel."""
    process = await asyncio.create_subprocess_exec("lp", "-t", address, "label.pdf")
    await process.wait()
    return {"code": process.returncode}


@app.get("/tracking")
async def tracking(url: str):
    """Ask the carrier where a parcel is."""
    async with httpx.AsyncClient() as carrier:
        answer = await carrier.get(url)
    return {"status": answer.status_code}


@app.get("/safe/tracking")
async def tracking_safe(number: int):
    """Ask the carrier where a parcel is."""
    async with httpx.AsyncClient() as carrier:
        answer = await carrier.get(f"https://carrier.example.com/parcels/{number}")
    return {"status": answer.status_code}


@app.get("/hello", response_class=HTMLResponse)
async def hello(name: str):
    """Greet the user of the app."""
    return HTMLResponse(f"<h1>Hello {name}</h1>")


@app.get("/safe/hello")
async def hello_safe(name: str):
    """Greet the user of the app."""
    return {"greeting": f"Hello {name}"}


@app.get("/return")
async def return_to(next: str = "/"):
    """Return to the page that the user came from."""
    return RedirectResponse(next)


@app.get("/safe/return")
async def return_to_safe(next: str = "/"):
    """Return to the page that the user came from."""
    if next not in ("/", "/cart", "/orders"):
        raise HTTPException(400)
    return RedirectResponse(next)


@app.post("/token")
async def token(credentials: Credentials):
    """Log failed logins for the support team."""
    logger.warning(f"failed login of {credentials.username}")
    return {"ok": False}


@app.post("/safe/token")
async def token_safe(credentials: Credentials):
    """Log failed logins for the support team."""
    logger.warning("failed login of %r", credentials.username)
    return {"ok": False}
