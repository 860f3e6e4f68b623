import DOMPurify from "dompurify";
import { useEffect, useState } from "react";

export function Greeting() {
  const [name, setName] = useState("");
  useEffect(() => {
    setName(new URLSearchParams(window.location.search).get("name") ?? "");
  }, []);
  return <h1>Welcome back, {name}</h1>;
}

export function Banner() {
  const text = new URLSearchParams(window.location.search).get("banner") ?? "";
  return <div dangerouslySetInnerHTML={{ __html: text }} />;
}

export function BannerSafe() {
  const text = new URLSearchParams(window.location.search).get("banner") ?? "";
  return <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(text) }} />;
}
