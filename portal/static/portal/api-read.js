/* 阅读版：Redoc。 */
(function () {
  "use strict";
  var place = document.getElementById("redoc");
  window.Redoc.init(place.dataset.schema, { nativeScrollbars: true, hideDownloadButton: true }, place);
})();
