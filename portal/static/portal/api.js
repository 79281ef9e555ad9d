/* 在接口文档的库之前运行：补上旧浏览器没有的函数，把 Redoc 页脚的外部图标换成本站的。 */
(function () {
  "use strict";
  if (!Object.hasOwn) { // Chromium 93 之前没有，Swagger UI 要用
    Object.hasOwn = function (object, name) { return Object.prototype.hasOwnProperty.call(object, name); };
  }
  var reading = document.getElementById("redoc"), set = Element.prototype.setAttribute;
  if (!reading) { return; }
  Element.prototype.setAttribute = function (name, value) {
    var outside = name === "src" && this.tagName === "IMG" && /^https:\/\/cdn\.redoc/.test(value);
    return set.call(this, name, outside ? reading.dataset.mark : value);
  };
})();
