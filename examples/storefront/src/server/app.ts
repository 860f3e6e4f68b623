import express from "express";

import { account } from "./account";
import { catalogue } from "./catalogue";
import { files } from "./files";

const app = express();
app.use(express.json());
app.use("/catalogue", catalogue);
app.use("/account", account);
app.use("/files", files);

app.listen(3000);
