/* 全站脚本：菜单、关怀版、防重复提交、行的增删、拖放与上传进度、错误处的焦点。没有它每一页也能用。
   不用 eval，不写行内样式，只用 Chromium 86 已有的特性。 */
(function () {
  "use strict";
  var doc = document, root = doc.documentElement;
  root.classList.add("js");

  function on(type, selector, run) {
    doc.addEventListener(type, function (event) {
      var hit = event.target.closest && event.target.closest(selector);
      if (hit) { run(hit, event); }
    });
  }
  function say(text) { doc.getElementById("live").textContent = text; }
  // 看得见也听得见的一句话，放在正文之首
  function tell(text) {
    var main = doc.getElementById("main"), note = doc.getElementById("told") || doc.createElement("p");
    note.id = "told";
    note.className = "note note-error";
    note.setAttribute("role", "alert");
    note.textContent = text;
    main.insertBefore(note, main.firstChild);
  }
  // 在别的窗口重新登录后口令会变：总用浏览器里现有的那一个，开着的页面仍可提交
  function token() {
    var kept = /(?:^|; )csrftoken=([^;]+)/.exec(doc.cookie);
    return kept ? kept[1] : JSON.parse(doc.body.getAttribute("hx-headers"))["X-CSRFToken"];
  }
  var SIGNED_OUT = "登录已失效，请在新窗口重新登录后再试，本页填写的内容还在。";

  // 折叠菜单、打印
  on("click", "[data-toggle]", function (button) {
    var open = doc.getElementById(button.dataset.toggle).classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
  // 手机上功能导航是一条，翻到所在的一项
  var strip = doc.getElementById("side"), here = strip && strip.querySelector("[aria-current]");
  if (here) { strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2; }
  on("click", "[data-print]", function () { window.print(); });
  doc.addEventListener("click", function (event) {
    Array.prototype.forEach.call(doc.querySelectorAll(".who[open]"), function (menu) {
      if (!menu.contains(event.target)) { menu.removeAttribute("open"); }
    });
  });

  // 纸上不能点开：打印时展开问答，印完收回
  var unfolded = [];
  window.addEventListener("beforeprint", function () {
    unfolded = Array.prototype.filter.call(doc.querySelectorAll(".ask, .figures"), function (one) { return !one.open; });
    unfolded.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () { unfolded.forEach(function (one) { one.open = false; }); });

  // Esc 收起展开的菜单，焦点回到打开它的按钮
  doc.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var menu = doc.querySelector(".who[open]"), button = doc.querySelector("[data-toggle][aria-expanded=true]");
    if (menu) { menu.removeAttribute("open"); menu.querySelector("summary").focus(); }
    else if (button) { button.click(); button.focus(); }
  });

  // 关怀版：当场切换，记在 cookie，由服务器直接渲染
  on("click", "button[data-care]", function (button, event) {
    event.preventDefault();
    var care = root.getAttribute("data-care") !== "on";
    if (care) { root.setAttribute("data-care", "on"); } else { root.removeAttribute("data-care"); }
    button.setAttribute("aria-pressed", String(care));
    doc.cookie = "care=" + (care ? 1 : 0) + ";path=/;max-age=31536000;samesite=lax" + (location.protocol === "https:" ? ";secure" : "");
  });

  // 还有文件在传时不提交表单，免得漏了它
  on("submit", "form", function (form, event) {
    var sending = form.querySelector("[data-sending]");
    if (!sending || (event.submitter && !event.submitter.hasAttribute("data-once"))) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    sending.querySelector(".help").textContent = "文件还在上传，传完后再提交";
    sending.scrollIntoView({ block: "center" });
    say("文件还在上传，传完后再提交");
  });

  // 提交一次：按钮停用，等服务器回答（重复提交由服务器挡住，这里只是少一次往返）
  on("submit", "form", function (form, event) {
    var field = form.querySelector("[name=csrfmiddlewaretoken]");
    if (field) { field.value = token(); }
    var button = form.querySelector("[data-once]");
    if (!button || (event.submitter && event.submitter !== button)) { return; }
    window.setTimeout(function () { button.disabled = true; }, 0);
  });
  window.addEventListener("pageshow", function () {
    Array.prototype.forEach.call(doc.querySelectorAll("[data-once][disabled]"), function (button) { button.disabled = false; });
  });

  // 行的增删
  var added = Date.now() % 1000;
  on("click", "[data-row-add]", function (button, event) {
    event.preventDefault();
    var rows = button.closest("[data-rows]"), blank = rows.querySelector("[data-row-blank]");
    added += 1;
    var holder = doc.createElement("div");
    holder.innerHTML = blank.innerHTML.replace(/__n__/g, String(1000 + added));
    var row = holder.firstElementChild;
    rows.insertBefore(row, blank);
    var first = row.querySelector("input,select,textarea");
    if (first) { first.focus(); }
  });
  on("click", "[data-row-drop]", function (button, event) {
    event.preventDefault();
    button.closest("[data-row]").remove();
    say("已删除一项");
  });

  // 文件：选择或拖入即上传，每个文件一行，带进度，可取消；没有脚本时随表单一起提交
  function send(box, file) {
    var refused = unfit(box, file);
    if (refused) { note(box, file, refused); return; }
    if (box.dataset.parts && file.size > Number(box.dataset.whole)) { sendInParts(box, file); return; }
    var data = new FormData(), request = new XMLHttpRequest(), line = pending(box, file, function () { request.abort(); });
    data.append("file", file);
    data.append("purpose", box.dataset.purpose);
    data.append("name", box.dataset.files);
    request.open("POST", "/upload/");
    request.setRequestHeader("X-CSRFToken", token());
    request.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) { line.reached(event.loaded, event.total); }
    });
    request.addEventListener("abort", line.end);
    request.addEventListener("load", function () { line.told(request.status, request.responseText); });
    request.addEventListener("error", function () { line.told(0, ""); });
    request.send(data);
  }
  // 送出前就能断定不收的：空文件、种类、大小（服务器按内容再核对一次）
  function unfit(box, file) {
    var most = Number(box.dataset.most), kind = "." + file.name.split(".").pop().toLowerCase();
    if (box.dataset.accept.split(",").indexOf(kind) < 0) { return "不收此类文件，只收" + box.dataset.kinds + "。"; }
    if (!file.size) { return "是空文件，请重新选择。"; }
    return file.size > most ? "有" + mib(file.size) + " MB，超过上限" + mib(most) + " MB，请压缩或拆分后上传。" : "";
  }
  function mib(bytes) { return String(Math.ceil(bytes / 104857.6) / 10); }
  function note(box, file, why) {
    box.querySelector(".file-list").insertAdjacentHTML("beforeend", '<li class="bad" role="alert"><span class="grow">“' + escapeText(file.name) + "”" + escapeText(why) + '</span><button type="button" class="link" data-drop-file>知道了</button></li>');
    say(file.name + "未上传");
  }
  // 正在上传的一行：名称、进度、取消
  function pending(box, file, cancel) {
    var list = box.querySelector(".file-list");
    list.insertAdjacentHTML("beforeend", '<li data-sending><span class="grow">' + escapeText(file.name) + '</span><span class="help"></span><button type="button" class="link">取消</button><progress max="100" value="0"></progress></li>');
    var row = list.lastElementChild, bar = row.querySelector("progress"), figure = row.querySelector(".help");
    bar.setAttribute("aria-label", file.name + "上传进度");
    row.querySelector("button").addEventListener("click", function () { cancel(); row.remove(); say("已取消上传" + file.name); });
    return {
      reached: function (sent, all) { bar.max = all; bar.value = sent; figure.textContent = sent < all ? Math.floor(sent / all * 100) + "%，" + mib(all) + " MB" : "已传完，正在核对"; },
      wait: function (text) { figure.textContent = text; say(file.name + text); },
      end: function () { row.remove(); },
      told: function (status, html) {
        row.remove();
        if (status === 0) { note(box, file, box.dataset.parts && file.size > Number(box.dataset.whole) ? "没有传完，请重新选择该文件，将从中断处继续。" : "因网络中断未上传，请重新选择。"); return; }
        if (html.indexOf("<li") !== 0) { note(box, file, status === 413 ? "超过大小上限，请压缩或拆分后上传。" : status === 401 || status === 403 ? "未上传：" + SIGNED_OUT : "未能上传，请稍后重试。"); return; }
        var holder = doc.createElement("ul");
        holder.innerHTML = html;
        var refused = holder.querySelector(".bad .grow");
        if (refused) { note(box, file, "未上传：" + refused.textContent); return; }
        if (!box.hasAttribute("data-many")) { list.innerHTML = ""; }
        list.appendChild(holder.firstElementChild);
        say(file.name + "已上传");
      }
    };
  }
  // 大文件分段上传（tus）：断网自动重试，重新选择同一文件从已收到处继续
  function sendInParts(box, file) {
    if (!window.tus) { load(box.dataset.tus, function () { sendInParts(box, file); }); return; }
    var upload = new window.tus.Upload(file, {
      endpoint: box.dataset.parts,
      chunkSize: 5 * 1024 * 1024,
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000],
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name, purpose: box.dataset.purpose },
      onBeforeRequest: function (request) { request.setHeader("X-CSRFToken", token()); },
      onProgress: function (sent, all) { line.reached(sent, all); },
      onShouldRetry: function (error) {  // 自带的判断在断网时即放弃
        var status = error.originalResponse ? error.originalResponse.getStatus() : 0;
        return status < 400 || status >= 500 || status === 409 || status === 423;
      },
      onError: function (error) {
        if (!error.originalResponse && !navigator.onLine) {
          line.wait("网络中断，恢复后自动继续");
          window.addEventListener("online", function () { upload.start(); }, { once: true });
          return;
        }
        var answer = error.originalResponse;
        line.told(answer ? answer.getStatus() : 0, answer ? answer.getBody() || "" : "");
      },
      onSuccess: function () {
        var request = new XMLHttpRequest();
        request.open("GET", upload.url + "?name=" + encodeURIComponent(box.dataset.files));
        request.addEventListener("load", function () { line.told(request.status, request.responseText); });
        request.addEventListener("error", function () { line.told(0, ""); });
        request.send();
      }
    });
    var line = pending(box, file, function () { upload.abort(true); });
    upload.findPreviousUploads().then(function (earlier) {
      if (earlier.length) { upload.resumeFromPreviousUpload(earlier[0]); line.wait("从中断处继续"); }
      upload.start();
    });
  }
  function load(address, then) {
    var script = doc.createElement("script");
    script.src = address;
    script.addEventListener("load", then);
    doc.head.appendChild(script);
  }
  function escapeText(text) { var span = doc.createElement("span"); span.textContent = text; return span.innerHTML; }
  on("change", "[data-files] input[type=file]", function (input) {
    var box = input.closest("[data-files]");
    Array.prototype.forEach.call(input.files, function (file) { send(box, file); });
    input.value = "";
  });
  ["dragover", "dragleave", "drop"].forEach(function (type) {
    on(type, "[data-drop]", function (zone, event) {
      event.preventDefault();
      zone.classList.toggle("over", type === "dragover");
      if (type === "drop") {
        Array.prototype.forEach.call(event.dataTransfer.files, function (file) { send(zone.closest("[data-files]"), file); });
      }
    });
  });
  on("click", "[data-drop-file]", function (button) { button.closest("li").remove(); });

  // 片段更换前后：展开的仍展开，勾选的行仍勾选
  function each(selector, run, within) { Array.prototype.forEach.call((within || doc).querySelectorAll(selector), run); }
  function named(within, run) {
    var times = {};
    each("details", function (one) {
      var words = one.querySelector("summary").textContent.trim();
      times[words] = (times[words] || 0) + 1;
      run(one, words + " " + times[words]);
    }, within);
  }
  function stateOf(box) {
    var state = { open: {}, ticked: {} };
    named(box, function (one, name) { state.open[name] = one.open; });
    each(".pick input:checked", function (one) { state.ticked[one.name + " " + one.value] = true; }, box);
    return state;
  }
  function restore(box, state) {
    named(box, function (one, name) { if (name in state.open) { one.open = state.open[name]; } });
    each(".pick input", function (one) { if (state.ticked[one.name + " " + one.value]) { one.checked = true; } }, box);
  }
  var before = {};
  doc.addEventListener("htmx:beforeSwap", function (event) {
    var box = event.detail.target;
    if (box.id) { before[box.id] = stateOf(box); }
  });
  doc.addEventListener("htmx:afterSettle", function () {
    Object.keys(before).forEach(function (id) {
      var box = doc.getElementById(id);
      if (box) { restore(box, before[id]); }
      delete before[id];
    });
  });

  // 勾选：一次选本页全部，已选几件，金额合计（服务器的下一页总会再说一次）
  function boxesOf(line) {
    return Array.prototype.filter.call(line.closest("form").elements, function (one) { return one.type === "checkbox" && one.name === line.dataset.picks; });
  }
  function tally(line) {
    var boxes = boxesOf(line), picked = boxes.filter(function (one) { return one.checked; }), all = line.querySelector("[data-pick-all]");
    var amounts = line.dataset.amounts ? JSON.parse(line.dataset.amounts) : null, text = "已选" + picked.length + line.dataset.unit;
    if (amounts) {
      var cents = picked.reduce(function (sum, one) { return sum + Math.round(Number(amounts[one.value] || 0) * 100); }, 0);
      text += "，合计" + (cents / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) + "元";
    }
    line.querySelector("[data-picked]").textContent = text;
    all.checked = boxes.length > 0 && picked.length === boxes.length;
    all.indeterminate = picked.length > 0 && picked.length < boxes.length;
  }
  function tallies() { each("[data-picks]", tally); }
  on("change", "[data-pick-all]", function (all) {
    boxesOf(all.closest("[data-picks]")).forEach(function (one) { one.checked = all.checked; });
  });
  doc.addEventListener("change", function (event) { if (event.target.type === "checkbox") { tallies(); } });
  doc.addEventListener("htmx:afterSettle", tallies);
  window.addEventListener("pageshow", tallies);

  // 焦点到错误处；片段更换后报告
  function focusError() { var box = doc.querySelector("[data-focus]"); if (box) { box.focus(); } }
  focusError();
  doc.addEventListener("htmx:afterSettle", focusError);
  doc.addEventListener("htmx:afterSwap", function (event) {
    if (event.target && event.target.classList && event.target.classList.contains("listing")) { say("列表已更新"); }
  });
  doc.addEventListener("htmx:configRequest", function (event) { event.detail.headers["X-CSRFToken"] = token(); });
  doc.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status === 401) { tell(SIGNED_OUT); } else { say("操作未成功，请稍后重试"); }
  });
  doc.addEventListener("htmx:sendError", function () { say("网络中断，请检查后重试"); });

  // 实时：预算剩余、需求大厅、待办。页面本身总是对的，这里只让它跟上；看不见的标签页不连接，断了就改为定时询问。
  var ASK = 30000, TRIES = 3, PATIENCE = 10000;
  var seen = {}, held = {}, paused = {}, told = {}, asked = {}, missed = {}, source = null, timer = 0, failures = 0;
  function liveTopics() {
    var found = {};
    if (doc.getElementById("budget-pill") || doc.getElementById("budget-card")) { found.budget = true; }
    each("[data-live]", function (one) { found[one.dataset.live] = true; });
    return Object.keys(found).sort();
  }
  // 正在填写或勾选的部分不换
  function busy(box) {
    var at = doc.activeElement;
    return (box.contains(at) && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) || box.querySelector("input[type=checkbox]:checked") !== null;
  }
  function put(box, html) {
    var holder = doc.createElement("template");
    holder.innerHTML = html.trim();
    var first = holder.content.firstElementChild;
    restore(holder.content, stateOf(box));
    if (first && box.id && first.id === box.id) { box.parentNode.replaceChild(first, box); box = first; }
    else { box.textContent = ""; box.appendChild(holder.content); }
    if (window.htmx) { window.htmx.process(box); }
    tallies();
  }
  function show(topic, news) {
    if (seen[topic] === news.version) { return; }
    if (paused[topic]) { held[topic] = news; return; }
    var first = !(topic in seen), changed = false;
    seen[topic] = news.version;
    Object.keys(news.parts).forEach(function (selector) {
      each(selector, function (box) {
        if (busy(box)) { missed[topic] = true; return; }
        var before = box.textContent;
        put(box, news.parts[selector]);
        var now = doc.querySelector(selector);
        changed = changed || !now || now.textContent !== before;
      });
    });
    if (!first || performance.now() > PATIENCE) { fetchAgain(topic); }  // 页面早已打开、现在才连上的，也可能已经旧了
    if (changed && topic === "budget" && Date.now() - (told.budget || 0) > 60000) { told.budget = Date.now(); say("预算剩余已更新"); }
  }
  // 没有现成内容可换的部分（例如按条件筛选过的列表），稍等片刻再取本页的同一部分：众多浏览器不会同一刻来取
  function fetchAgain(topic) {
    var boxes = doc.querySelectorAll('[data-live="' + topic + '"]');
    if (!boxes.length || asked[topic]) { return; }
    asked[topic] = window.setTimeout(function () {
      var request = new XMLHttpRequest();
      request.open("GET", window.location.href);
      request.addEventListener("loadend", function () {
        asked[topic] = 0;
        if (request.status !== 200 || paused[topic]) { missed[topic] = true; return; }
        var fresh = new DOMParser().parseFromString(request.responseText, "text/html").querySelectorAll('[data-live="' + topic + '"]');
        each('[data-live="' + topic + '"]', function (box, place) {
          if (!fresh[place] || fresh[place].innerHTML === box.innerHTML) { return; }
          if (busy(box)) { missed[topic] = true; return; }
          put(box, fresh[place].innerHTML);
        });
      });
      request.send();
    }, 500 + Math.random() * PATIENCE);
  }
  function heard(topic, text) {
    try { show(topic, JSON.parse(text)); } catch (wrong) { failures += 1; }
  }
  function ask() {
    liveTopics().forEach(function (topic) {
      var request = new XMLHttpRequest();
      request.open("GET", "/live/poll/" + topic + "/?v=" + (seen[topic] || ""));
      request.addEventListener("load", function () { if (request.status === 200) { heard(topic, request.responseText); } });
      request.send();
    });
    timer = window.setTimeout(ask, ASK + Math.random() * ASK / 3);
  }
  function follow() {
    var topics = liveTopics(), address = doc.body.dataset.liveStream;
    if (!topics.length || source || timer || doc.hidden) { return; }
    if (!address || !window.EventSource || failures >= TRIES) { timer = window.setTimeout(ask, ASK); return; }
    source = new EventSource(address + "?topics=" + topics.join(","));
    topics.forEach(function (topic) {
      source.addEventListener(topic, function (event) { failures = 0; heard(topic, event.data); });
    });
    source.addEventListener("error", function () {
      failures += 1;
      if (failures >= TRIES || (source && source.readyState === 2)) { failures = TRIES; leave(); follow(); }
    });
  }
  function leave() {
    if (source) { source.close(); source = null; }
    window.clearTimeout(timer);
    timer = 0;
  }
  doc.addEventListener("visibilitychange", function () { if (doc.hidden) { leave(); } else { follow(); } });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", follow);
  // 停着的时候来过的、填写时没有换上的，过后补上
  function catchUp() {
    Object.keys(missed).forEach(function (topic) {
      if (paused[topic]) { return; }
      delete missed[topic];
      fetchAgain(topic);
    });
  }
  doc.addEventListener("focusout", function () { window.setTimeout(catchUp, 0); });
  doc.addEventListener("change", function () { window.setTimeout(catchUp, 0); });
  each("[data-live-pause]", function (button) { button.hidden = false; });
  on("click", "[data-live-pause]", function (button) {
    var topic = button.dataset.livePause, still = button.classList.toggle("still");
    paused[topic] = still;
    say(still ? "已暂停" : "已继续");
    if (still) { return; }
    if (held[topic]) { var news = held[topic]; delete held[topic]; show(topic, news); }
    catchUp();
  });
  follow();
})();
