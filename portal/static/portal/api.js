/* 在接口文档的库之前运行：补上旧浏览器没有的函数，把 Redoc 页脚的外部图标换成本站的。 */
(function () {
  "use strict";
  if (!Object.hasOwn) { // Chromium 93 之前没有，Swagger UI 要用
    Object.hasOwn = function (object, name) { return Object.prototype.hasOwnProperty.call(object, name); };
  }
  var reading = document.getElementById("redoc");
  if (!reading) { return; }
  var images = HTMLImageElement.prototype, src = Object.getOwnPropertyDescriptor(images, "src");
  var set = Element.prototype.setAttribute;
  function ours(address) { return /^https:\/\/cdn\.redoc/.test(address) ? reading.dataset.mark : address; }
  Object.defineProperty(images, "src", {
    configurable: true,
    enumerable: true,
    get: src.get,
    set: function (address) { src.set.call(this, ours(address)); }
  });
  images.setAttribute = function (name, value) { set.call(this, name, name === "src" ? ours(value) : value); };
})();
