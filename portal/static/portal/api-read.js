/* 阅读版：Redoc。 */
(function () {
  "use strict";
  var place = document.getElementById("redoc");
  var sans = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
  window.Redoc.init(place.dataset.schema, {
    nativeScrollbars: true,
    hideDownloadButton: true,
    labels: {
      "enum": "可选值", enumSingleValue: "固定值", enumArray: "各项可选值", "default": "默认", deprecated: "停用",
      example: "例", examples: "例", nullable: "可为空", arrayOf: "列表：", noResultsFound: "没有找到",
      responses: "应答", requestSamples: "请求示例", responseSamples: "应答示例"
    },
    theme: {
      colors: { primary: { main: "#12508a" } },
      typography: { fontFamily: sans, headings: { fontFamily: sans } }
    }
  }, place);
})();
