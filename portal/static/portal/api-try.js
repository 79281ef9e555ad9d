/* 试用版：Swagger UI。写操作带上本站的 CSRF 令牌，用登录的身份发送。 */
(function () {
  "use strict";
  var place = document.getElementById("swagger-ui");
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    dom_id: "#swagger-ui",
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "none",
    requestInterceptor: function (request) {
      if (request.method && request.method !== "GET") { request.headers["X-CSRFToken"] = place.dataset.token; }
      return request;
    }
  });
})();
