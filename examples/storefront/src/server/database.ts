import { Pool } from "pg";

const pool = new Pool();

export interface Product {
  id: number;
  name: string;
  price: number;
}

export async function findProducts(name: string): Promise<Product[]> {
  const result = await pool.query(`SELECT id, name, price FROM products WHERE name LIKE '%${name}%'`);
  return result.rows;
}

export async function findProductsSafe(name: string): Promise<Product[]> {
  const result = await pool.query("SELECT id, name, price FROM products WHERE name LIKE $1", [`%${name}%`]);
  return result.rows;
}
