/* The pages in a real Chromium 86, the oldest that the portal is made for. Run by hand, against a platform with the sample:

     npm i --ignore-scripts chrome-aws-lambda@5.3.1 puppeteer-core@5.3.1   (in any folder; then `brotli -d` its
     bin/chromium.br, make it executable, and unpack bin/swiftshader.tar.br beside it in swiftshader/)
     NODE_PATH=<folder>/node_modules OLD_CHROMIUM=<the binary> node bench/old_chromium.js http://127.0.0.1:8000 <out>

   It signs in, filters a list, meets a form's errors, draws a signature, holds the demand board still, switches 关怀版 on,
   and takes a picture of each at both widths. It fails on any console error, any refusal of the CSP, and any page wider
   than the window. Today's Playwright cannot drive so old a browser, hence puppeteer and a script of its own. */
"use strict";
const fs = require("fs");
const path = require("path");
const puppeteer = require("puppeteer-core");

const [address, out] = process.argv.slice(2);
const PASSWORD = process.env.PASSWORD || "Guangxi-2026"; // of every sample account
const PLAIN = ["/", "/notices/", "/publicities/", "/budget/", "/board/", "/products/", "/providers/", "/calculator/",
  "/guides/enterprise/", "/complaints/", "/measures/", "/style/", "/sign-in/", "/api/docs/", "/api/redoc/"];
const wrong = [];

async function main() {
  fs.mkdirSync(out, { recursive: true });
  const browser = await puppeteer.launch({
    executablePath: process.env.OLD_CHROMIUM,
    args: ["--no-sandbox", "--headless", "--disable-gpu", "--single-process", "--no-zygote", "--lang=zh-CN"],
  });
  console.log(await browser.version());
  const page = await browser.newPage();
  let expected = 0;
  page.on("pageerror", (error) => wrong.push(page.url() + " " + error.message));
  page.on("console", (message) => {
    if (message.type() !== "error") { return; }
    if (expected && message.text().includes("status of " + expected)) { return; }
    wrong.push(page.url() + " " + message.text());
  });

  async function picture(name, whole = true) {
    for (const width of [1280, 390]) {
      await page.setViewport({ width: width, height: 900 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) { wrong.push(name + " is wider than " + width + " by " + wide); }
      await page.screenshot({ path: path.join(out, name + "-" + width + ".png"), fullPage: whole });
    }
    await page.setViewport({ width: 1280, height: 900 });
  }
  async function open(at) { await page.goto(address + at, { waitUntil: "load", timeout: 60000 }); }
  function check(holds, what) { console.log((holds ? "ok    " : "WRONG ") + what); if (!holds) { wrong.push(what); } }
  async function until(test, what, ...given) {
    try { await page.waitForFunction(test, { timeout: 90000, polling: 100 }, ...given); check(true, what); }
    catch (late) { check(false, what); }
  }
  async function person(name) {
    await page.deleteCookie(...(await page.cookies()));
    await open("/sign-in/");
    await page.type("[name=username]", name);
    await page.type("[name=password]", PASSWORD);
    await Promise.all([page.waitForNavigation(), page.click("main form button")]);
  }

  for (const at of PLAIN) {
    await open(at);
    if (at.startsWith("/api/")) { await until(() => document.querySelector(".swagger-ui .info, .redoc-wrap h2") !== null, at); }
    await picture(at.replace(/[^a-z]+/g, "-").replace(/^-|-$/g, "") || "home", !at.startsWith("/api/"));  // the API's is taller than a picture may be
  }

  await open("/board/");
  await page.type("#f-board-q", "不会有的需求");
  await page.click(".filters button");
  await until(() => location.search.includes("q=") && document.querySelector("td.empty") !== null, "a filter by htmx");
  await open("/board/");
  await page.click("[data-live-pause]");
  check(await page.$eval("[data-live-pause]", (one) => one.innerText.trim() === "继续滚动"), "the board is held still");

  await open("/calculator/");
  await page.type("#amount", "86000");
  await until(() => document.querySelector("#estimate .split") !== null, "the calculator while one types");

  expected = 422;
  await open("/complaints/");
  await Promise.all([page.waitForNavigation(), page.click("main form .btn")]);
  check(await page.evaluate(() => document.activeElement.matches(".errors")), "the focus is on the errors of a form");
  await picture("form-errors");
  expected = 0;

  await page.setViewport({ width: 390, height: 800 });
  await open("/");
  await page.click(".burger");
  check(await page.$eval("#nav", (one) => one.offsetHeight > 100), "the menu of a phone opens");
  await page.setViewport({ width: 1280, height: 900 });

  await person("enterprise-agent");
  check(page.url().endsWith("/e/"), "signed in");
  await picture("enterprise-home");
  await open("/contracts/");
  await picture("contracts");

  await person("enterprise-signatory");
  await open("/contracts/");
  const contracts = await page.$$eval("a[href]", (all) => [...new Set(all.map((one) => one.getAttribute("href")))]
    .filter((one) => /^\/contracts\/[0-9a-f-]{36}\/$/.test(one)));
  let signing = "";
  for (const contract of contracts) {
    await open(contract);
    signing = await page.$$eval("a[href$='/sign/']", (all) => (all.length ? all[0].getAttribute("href") : ""));
    if (signing) { break; }
  }
  if (signing) {
    await open(signing);
    await page.evaluate(() => document.querySelector("[data-read-end]").scrollIntoView());
    await until(() => !document.querySelector("[data-after-read]").disabled, "the button to sign after the end of the text");
    const pad = await page.$("[data-pad]");
    await pad.evaluate((one) => one.scrollIntoView({ block: "center" }));
    const box = await pad.boundingBox();
    await page.mouse.move(box.x + 20, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + 150, box.y + 60, { steps: 8 });
    await page.mouse.up();
    check(await pad.evaluate((one) => {
      const dots = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
      return dots.some((value, at) => at % 4 === 0 && value < 100);
    }), "ink on the signature pad");
    await picture("sign");
  } else { console.log("no contract of the sample waits for a signature"); }

  await open("/");
  await page.click("[data-care]");
  check(await page.evaluate(() => getComputedStyle(document.body).fontSize === "24px"), "关怀版");
  await picture("care-home");
  await browser.close();
  wrong.forEach((one) => console.log(one));
  process.exit(wrong.length ? 1 : 0);
}

main().catch((error) => { console.error(error); process.exit(1); });
