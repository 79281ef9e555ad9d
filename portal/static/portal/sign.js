/* 签署页：读到末尾才能签署；手写签名板。没有脚本时按钮一直可用。 */
(function () {
  "use strict";
  var form = document.querySelector("[data-sign]"), paper = document.querySelector("[data-read]");
  if (!form || !paper) { return; }
  var button = form.querySelector("[data-after-read]"), hint = form.querySelector("[data-read-hint]");
  var end = paper.querySelector("[data-read-end]");

  function read() {
    button.disabled = false;
    hint.textContent = "已读到末尾。";
    hint.closest("li").classList.add("done");
  }
  if (end && "IntersectionObserver" in window) {
    button.disabled = true;
    button.removeAttribute("data-once");
    new IntersectionObserver(function (seen, watch) {
      if (seen.some(function (one) { return one.isIntersecting; })) {
        watch.disconnect();
        button.setAttribute("data-once", "");
        read();
      }
    }).observe(end);
  }

  var canvas = form.querySelector("[data-pad]");
  if (canvas && window.SignaturePad) {
    var pad = new window.SignaturePad(canvas, { backgroundColor: "rgb(250,251,252)" });
    var wide = 0;
    var fit = function () {
      if (canvas.offsetWidth === wide) { return; }  // 手机滚动时地址栏收放也算改变大小：已写的签名不能因此消失
      wide = canvas.offsetWidth;
      var ratio = Math.max(window.devicePixelRatio || 1, 1);
      canvas.width = canvas.offsetWidth * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.clear();
    };
    window.addEventListener("resize", fit);
    fit();
    form.addEventListener("formdata", function (event) {
      if (pad.isEmpty()) { return; }
      var text = window.atob(canvas.toDataURL("image/png").split(",")[1]), bytes = new Uint8Array(text.length);
      for (var at = 0; at < text.length; at += 1) { bytes[at] = text.charCodeAt(at); }
      event.formData.set("handwriting-new", new Blob([bytes], { type: "image/png" }), "signature.png");
    });
    form.querySelector("[data-pad-clear]").addEventListener("click", function () { pad.clear(); });
  }
})();
