/* Shows the description of this server's API; nothing is fetched from elsewhere. */
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const show = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", show);
show();

window.addEventListener("load", () => {
    window.SwaggerUIBundle({
        url: "/api/openapi.json",
        dom_id: "#operations",
        deepLinking: true,
        displayRequestDuration: true,
        docExpansion: "list",
        filter: true,
        // The token stays in this page: it is gone when the page is.
        persistAuthorization: false,
        tryItOutEnabled: true,
        validatorUrl: null,
    });
});
